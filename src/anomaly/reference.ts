// In: the catalog. Out: docs/findings.md, the page that lists every finding. Written by `npm run docs`; a test holds it true.

import { CATALOG, CODES, type Code, DOUBT_WORDS, entryOf } from './catalog.ts';
import { GROUPS, type Group, SEVERITIES } from './entry.ts';

const SEVERITY_WORDS = {
  error: 'something does not work',
  warn: 'somebody will notice, or is about to',
  note: 'worth knowing when you look into it',
  chat: 'business as usual, counted for completeness',
} as const;

const OPENING = `# Findings

Written by \`npm run docs\` from \`src/anomaly/catalog\`. \`tcpstate explain CODE\` shows the same in a terminal.

\`analyze\` opens with the findings that matter; \`analyze --findings\` lists all; JSON has them under each connection
(\`flows[].findings\`), about the capture as a whole (\`capture.captureFindings\`) and as totals per code (\`findings\`, the sum of
their counts). A finding is told once per connection and direction, however often it happened: \`count\` says how often, \`share\` of how
many, \`frame\` where it happened first and \`worstFrame\` where it was worst.

Codes that Wireshark has too (\`retransmission\`, \`zero_window\`, ...) mean exactly what \`tcp.analysis.<code>\` means in tshark 4.0.17; their counts are
those of the fields. All others are tcpstate's own. Each has a page in \`fixtures/findings\` with a capture that raises it and one that
nearly does, and its thresholds stand with their reasons in \`src/anomaly/rules/<code>.ts\` or \`src/anomaly/capture-rules/<code>.ts\`.

What the capture cannot show well is told with \`"confidence": "lowered"\` and the reason:
`;

const CLOSING = `
## Adding a finding

1. An entry in \`src/anomaly/catalog/<group>.ts\`: severity, all words, and the sentence with its values.
2. \`src/anomaly/rules/<code>.ts\` (or \`capture-rules/\`): reads facts, tells \`found.add(code, side, where, values)\`; each threshold a named constant with its reason. One line in \`index.ts\` beside it.
3. \`fixtures/findings/<code>.md\`: a capture that raises it with the finding as it must read, and a near miss. A line for the threshold in \`test/anomaly/thresholds.test.ts\`.
4. \`npm run fixtures && npm run docs && npm test\`. What the rule needs and no fact tells is gathered in \`src/tcp/facts.ts\`.

How the rules were read against real captures, and what that changed: [findings-review.md](findings-review.md).
`;

/** The whole page. */
export function findingsPage(): string {
  const lines = [OPENING];
  for (const [, words] of DOUBT_WORDS) lines.push(`- ${words}`);
  lines.push('', '| severity | meaning | findings |', '|---|---|---|');
  for (const severity of SEVERITIES) {
    const n = CODES.filter((code) => CATALOG[code].severity === severity).length;
    lines.push(`| ${severity} | ${SEVERITY_WORDS[severity]} | ${n} |`);
  }
  for (const group of Object.keys(GROUPS) as Group[]) {
    const codes = CODES.filter((code) => CATALOG[code].group === group);
    lines.push('', `## ${GROUPS[group]}`, '', '| code | severity | finding |', '|---|---|---|');
    for (const code of codes) {
      lines.push(`| [\`${code}\`](#${code}) | ${CATALOG[code].severity} | ${CATALOG[code].title} |`);
    }
    for (const code of codes) lines.push(...section(code));
  }
  return `${lines.join('\n')}\n${CLOSING}`;
}

function section(code: Code): string[] {
  const { severity, title, meaning, causes, advice, rfc, doubts, covers } = entryOf(code);
  const lines = ['', `### ${code}`, '', `**${title}** (${severity}). ${meaning}`, '', 'Usual causes:', ''];
  lines.push(...causes.map((cause) => `- ${cause}`));
  lines.push('', `What to do: ${advice}`);
  if (rfc !== 'none') lines.push('', `Where it is written: ${rfc}`);
  const lowered = DOUBT_WORDS.filter(([bit]) => (doubts & bit) !== 0).map(([, words]) => words);
  if (lowered.length > 0) lines.push('', `Less sure where ${lowered.join('; ')}.`);
  if (covers !== undefined)
    lines.push('', `Told in place of ${covers.map((each) => `\`${each}\``).join(', ')} on the first screen.`);
  return lines;
}
