// In: nothing. Out: every rule about the capture as a whole. A new rule is one file and one line here.

import type { CaptureFindings } from '../capture-findings.ts';
import type { CaptureView } from '../capture-view.ts';
import { acceptQueueFull } from './accept_queue_full.ts';
import { captureCutShort } from './capture_cut_short.ts';
import { captureDuplicates } from './capture_duplicates.ts';
import { captureFiltered } from './capture_filtered.ts';
import { captureGaps } from './capture_gaps.ts';
import { captureHeadersCut } from './capture_headers_cut.ts';
import { captureMalformed } from './capture_malformed.ts';
import { captureOneSided } from './capture_one_sided.ts';
import { capturePause } from './capture_pause.ts';
import { captureSnaplen } from './capture_snaplen.ts';
import { captureTimeBackwards } from './capture_time_backwards.ts';
import { checksumOffload } from './checksum_offload.ts';
import { checksumUnusable } from './checksum_unusable.ts';
import { checksumWrong } from './checksum_wrong.ts';
import { closeWaitPileup } from './close_wait_pileup.ts';
import { ephemeralPorts } from './ephemeral_ports.ts';
import { hostScan } from './host_scan.ts';
import { idleTimeoutResets } from './idle_timeout_resets.ts';
import { portScan } from './port_scan.ts';
import { resetStorm } from './reset_storm.ts';
import { serviceRefused } from './service_refused.ts';
import { serviceSlow } from './service_slow.ts';
import { serviceUnanswered } from './service_unanswered.ts';
import { synFlood } from './syn_flood.ts';

/** Reads the tallies of the capture and tells what it found; its time is bounded by their number. */
export type CaptureRule = (view: CaptureView, found: CaptureFindings) => void;

export const CAPTURE_RULES: readonly CaptureRule[] = [
  acceptQueueFull,
  captureCutShort,
  captureDuplicates,
  captureFiltered,
  captureGaps,
  captureHeadersCut,
  captureMalformed,
  captureOneSided,
  capturePause,
  captureSnaplen,
  captureTimeBackwards,
  checksumOffload,
  checksumUnusable,
  checksumWrong,
  closeWaitPileup,
  ephemeralPorts,
  hostScan,
  idleTimeoutResets,
  portScan,
  resetStorm,
  serviceRefused,
  serviceSlow,
  serviceUnanswered,
  synFlood,
];
