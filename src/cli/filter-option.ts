// In: the text behind -Y. Out: the filter, checked before any packet is read. Loaded only where the option is given.

import type { Command } from 'commander';
import type { AnalyzeListener, LifeListener } from '../analyze.ts';
import type { Filter } from '../filter/filter.ts';
import type { FlowSelection } from '../filter/selection.ts';
import { flowOf } from '../tcp/textbook-life.ts';
import { counted } from '../units.ts';
import type { Session } from './command.ts';

export interface FilterOptions {
  filter?: string;
}

/** Declares -Y; `selects` says of what, in the command's help. */
export function declareFilter(command: Command, selects: string): void {
  command.option('-Y, --filter <expr>', `only ${selects} (tcpstate fields lists the names; docs/filters.md)`);
}

/** The filter, or null without the option. @throws FilterError */
export async function openFilter({ filter }: FilterOptions, session: Session): Promise<Filter | null> {
  if (filter === undefined) return null;
  const { Filter } = await import('../filter/filter.ts');
  const opened = new Filter(filter);
  for (const { column, message } of opened.notes) session.warn(`filter, column ${column}: ${message}`);
  return opened;
}

/** Which connections it selects; null without the option. @throws FilterError */
export async function openSelection(options: FilterOptions, session: Session): Promise<FlowSelection | null> {
  const filter = await openFilter(options, session);
  if (filter === null) return null;
  const { FlowSelection } = await import('../filter/selection.ts');
  return new FlowSelection(filter);
}

/**
 * The listener, told of the selected connections only. Of segments it is told that belong to connections that may be selected: which are, is not
 * known yet.
 */
export function selecting(selection: FlowSelection | null, listener: AnalyzeListener): AnalyzeListener & LifeListener {
  if (selection === null) return listener;
  const { segment, wantsSegments, flow } = listener;
  const tell: AnalyzeListener['flow'] = (one, clock) =>
    selection.selects(one, clock.duration()) ? flow?.(one, clock) : undefined;
  const both: AnalyzeListener = { ...listener, flow: tell };
  if (!selection.wantsSegments) return both;
  const pass: AnalyzeListener['segment'] = (frame, packet, trace, clock) => {
    selection.segment(frame, packet, trace, clock);
    segment?.(frame, packet, trace, clock);
  };
  delete both.wantsNoneFrom;
  delete both.wantsSegments;
  delete both.leavesTheBook;
  // Who listens to all gets all.
  if (!selection.asksOpening || (segment !== undefined && wantsSegments === undefined))
    return { ...both, segment: pass };
  /** Connections of which a later segment is the first that matters: of them the listener gets none, rather than the end of them. */
  const late = new Set<number>();
  return {
    ...both,
    wantsSegments(stream, packet, trace, isByTheBook) {
      const isFirst = trace.connection.segments === 0;
      if (selection.begins(stream, packet, trace, isByTheBook)) {
        if (!isFirst) late.add(stream);
        return true;
      }
      // Selected whatever comes: it is for the listener to say.
      const isSelected = selection.fate(stream) === true;
      return isFirst && isSelected && wantsSegments?.(stream, packet, trace, isByTheBook) === true;
    },
    segment(frame, packet, trace, clock) {
      if (late.has(trace.connection.stream)) selection.segment(frame, packet, trace, clock);
      else pass(frame, packet, trace, clock);
    },
    // Without its account, if that is of no account.
    async lives(lives, clock) {
      for (const life of lives) {
        if (selection.fate(life.stream) === false) {
          selection.passOver();
          continue;
        }
        const ready = tell(flowOf(life), clock);
        if (ready !== undefined) await ready;
      }
    },
  };
}

/** Nothing selected may be the answer, or a filter that says something else than was meant. */
export function warnIfNone(selection: FlowSelection | null, session: Session): void {
  if (selection === null || selection.selected > 0 || selection.asked === 0) return;
  session.warn(`the filter selects none of ${counted(selection.asked, 'connection')}`);
}
