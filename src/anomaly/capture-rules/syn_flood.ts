// In: the tallies of the capture. Out: services to which very many connections were begun and hardly any completed.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';

/** Linux' smallest backlog of half-open connections (tcp_max_syn_backlog), each of which lives for a minute. */
const LEAST = 128;
const WITHIN_SECONDS = 60;
/** A loaded server still completes most; a flood completes none of its own. */
const COMPLETED_SHARE = 0.1;
/** A client that tries one dead service again and again is no flood: many sources are, or many attempts a second. */
const SOURCES = 20;
const RATE = 50;

export function synFlood(view: CaptureView, found: CaptureFindings): void {
  for (const service of view.services.values()) {
    const { incomplete, completed, all } = service;
    if (incomplete.count < LEAST || completed.count > COMPLETED_SHARE * all.count) continue;
    if (service.incompletePerSecond.most(WITHIN_SECONDS) < LEAST) continue;
    const rate = service.incompletePerSecond.most();
    const sources = service.sources.estimate();
    if (sources < SOURCES && rate < RATE) continue;
    found.service('syn_flood', service, incomplete, {
      attempts: all.count,
      completed: completed.count,
      sources,
      seconds: service.last - service.first,
      rate,
    });
  }
}
