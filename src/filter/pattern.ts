// In: a regular expression as PCRE2 writes it. Out: one of JavaScript's that matches the same.

/**
 * For `matches`: case does not count unless the pattern begins with (?-i), and . stops only at a line feed (PCRE2's defaults).
 * What else the two dialects share covers what filters use; a pattern that JavaScript does not know throws a SyntaxError.
 */
export function compilePattern(pattern: string): RegExp {
  let flags = 'i';
  let body = pattern;
  for (;;) {
    const option = /^\(\?([ims]*)(?:-([ims]+))?\)/.exec(body);
    if (option === null || option[0] === '(?)') break;
    for (const on of option[1]!) if (!flags.includes(on)) flags += on;
    for (const off of option[2] ?? '') flags = flags.replace(off, '');
    body = body.slice(option[0].length);
  }
  return new RegExp(translate(body, flags.includes('s')), flags);
}

function translate(body: string, dotAll: boolean): string {
  let out = '';
  let inClass = false;
  for (let at = 0; at < body.length; at++) {
    const character = body[at]!;
    if (character === '\\') {
      const next = body[++at] ?? '';
      if (next === 'A' && !inClass) out += '^';
      else if (next === 'z' && !inClass) out += '$';
      else out += `\\${next}`;
    } else if (inClass) {
      if (character === ']') inClass = false;
      out += character;
    } else if (character === '[') {
      inClass = true;
      out += character;
    } else if (character === '.' && !dotAll) {
      out += '[^\\n]';
    } else {
      out += character;
    }
  }
  return out;
}
