// In: nothing. Out: the catalog's entries about the capture's own quality: what it does not show, or shows wrongly.

import { bytes, count, counted, duration, percent } from '../../units.ts';
import { Doubt, entry } from '../entry.ts';

export const CAPTURE = {
  capture_gap: entry({
    severity: 'note',
    group: 'capture',
    title: 'Data missing from the capture',
    meaning:
      'The other end acknowledged bytes that are not in the capture. They were delivered, so the network did not lose them: the capture did. Whatever is counted on this connection is counted too low or too high by that much.',
    causes: [
      'The capturing machine dropped frames (buffer too small, disk too slow).',
      'The mirror port was overrun.',
      'Part of the traffic took another path, or a capture filter left it out.',
    ],
    advice:
      'Look at the "dropped" line that tcpdump prints at its end. Use a larger buffer (tcpdump -B), a shorter snap length (-s), or a filter.',
    rfc: 'none; RFC 9293 3.4 (what an acknowledgment proves)',
    doubts: Doubt.FOREIGN | Doubt.ORDER,
    say: (v: { bytes: number; places: number; of: number }) =>
      v.bytes === 1
        ? 'sent one number that was acknowledged and never captured, most likely the FIN'
        : `sent ${bytes(v.bytes)} that were acknowledged and never captured (${percent(v.bytes, v.of)} of what it sent), in ${counted(v.places, 'place')}`,
  }),
  one_sided: entry({
    severity: 'note',
    group: 'capture',
    title: 'Only one direction captured',
    meaning:
      'Segments of one end only are in the capture, though what it sends shows that the other end answers. States, losses and times of the missing side cannot be known.',
    causes: [
      'Asymmetric routing.',
      'A mirror port that copies one direction.',
      'A capture filter on source or destination.',
    ],
    advice: 'Capture on a host instead of in between, or mirror both directions.',
    rfc: 'none',
    doubts: 0,
    say: (v: { segments: number }, names) =>
      `sent all ${count(v.segments)} segments captured; none of ${names.peer} is there`,
  }),
  duplicate_frames: entry({
    severity: 'note',
    group: 'capture',
    title: 'Frames captured twice',
    meaning:
      'Frames came again within a millisecond with the same IP identification, checksum and numbers. No stack sends again so soon or in the same packet: they are copies. Wireshark flags them as retransmissions and duplicate acknowledgments.',
    causes: [
      'A mirror port that copies a frame on its way in and on its way out.',
      'Capturing on "any" or on a bridge and its ports.',
      'A network that really duplicates packets.',
    ],
    advice: 'Capture on one interface, mirror one direction per port, or remove copies with editcap -d.',
    rfc: 'none; RFC 6864 (IP identification)',
    doubts: 0,
    say: (v: { copies: number; of: number; flagged: number; routed: number }) =>
      `has ${count(v.copies)} of ${counted(v.of, 'frame')} in the capture twice${v.routed > 0 ? ', seen before and after a router (the TTL differs)' : ''}${v.flagged > 0 ? `; ${count(v.flagged)} of the copies look like segments sent again` : ''}`,
  }),
  capture_order: entry({
    severity: 'chat',
    group: 'capture',
    title: 'Captured in another order',
    meaning:
      'Data is in the capture right after the acknowledgment that covers it. So the order of frames in the capture is not the order on the wire.',
    causes: ['Two interfaces or two receive queues merged by inexact clocks.', 'A capture on several CPU cores.'],
    advice: 'reordercap sorts by time stamp. If the stamps themselves are wrong, use one queue or hardware stamps.',
    rfc: 'none',
    doubts: 0,
    say: (v: { bytes: number }) => `has ${bytes(v.bytes)} in the capture after their acknowledgment`,
  }),
  offload: entry({
    severity: 'chat',
    group: 'capture',
    title: 'Segments joined by offload',
    meaning:
      'Segments larger than the MSS, and larger than a packet on Ethernet or whole multiples of the MSS: on the wire they were several. The capture was made on a host before the network card split them (TSO, GSO) or after it joined them (LRO, GRO).',
    causes: ['A capture on one of the two hosts, or in a virtual switch.'],
    advice:
      'Counts of segments are too low, bytes are right. For a true picture capture outside the host or switch offload off (ethtool -K).',
    rfc: 'RFC 9293 3.7.1; Linux networking/segmentation-offloads',
    doubts: 0,
    say: (v: { segments: number; largest: number; limit: number }) =>
      `sent ${counted(v.segments, 'segment')} of up to ${count(v.largest)} bytes where ${count(v.limit)} fit in a packet`,
  }),
  begun_midstream: entry({
    severity: 'chat',
    group: 'capture',
    title: 'Began before the capture',
    meaning:
      'The SYN of this connection is not in the capture. Window scaling, who opened it and how far it had come are not known.',
    causes: ['The connection was older than the capture.'],
    advice: 'Start the capture before the connections of interest.',
    rfc: 'none',
    doubts: 0,
    say: (_v: object) => 'began before the capture',
  }),
  ended_midstream: entry({
    severity: 'chat',
    group: 'capture',
    title: 'Open when the capture ends',
    meaning: 'Neither FIN nor reset of this connection is in the capture.',
    causes: ['The connection was still in use.', 'Its end was not captured.'],
    advice: 'Nothing to do.',
    rfc: 'none',
    doubts: 0,
    say: (v: { seconds: number }) =>
      `still open when the capture ends${v.seconds >= 1 ? `, silent for ${duration(v.seconds)}` : ''}`,
  }),
  capture_cut_short: entry({
    severity: 'warn',
    group: 'capture',
    title: 'The file is cut short or damaged',
    meaning:
      'The capture file ends in the middle of a record, or is damaged from some point on. Everything before that was read.',
    causes: ['The capture was still being written, or the disk was full.', 'An interrupted copy or download.'],
    advice:
      'Copy it again, or stop the capture properly. Connections may seem to stay open only because the file ends.',
    rfc: 'draft-ietf-opsawg-pcap',
    doubts: 0,
    say: (v: { warning: string }) => v.warning,
  }),
  capture_gaps: entry({
    severity: 'warn',
    group: 'capture',
    title: 'The capture is incomplete',
    meaning:
      'On many connections bytes were acknowledged that the capture does not hold: the capture lost frames. Findings about loss and retransmission are less sure where this happened.',
    causes: ['The capturing machine or mirror port could not keep up.', 'Several paths of which one was captured.'],
    advice:
      'See capture_gap. Trust what the ends say (acknowledgments, selective acknowledgments) more than what is missing here.',
    rfc: 'none',
    doubts: 0,
    covers: ['capture_gap', 'ack_lost_segment', 'lost_segment'],
    say: (v: { bytes: number; of: number; flows: number }) =>
      `${bytes(v.bytes)} (${percent(v.bytes, v.of)} of all data) were acknowledged and never captured, in ${counted(v.flows, 'connection')}`,
  }),
  capture_one_sided: entry({
    severity: 'warn',
    group: 'capture',
    title: 'The capture holds one direction',
    meaning:
      'Of most connections only one direction was captured. What the other side did is not known, so unanswered SYNs, missing FINs and open connections may only seem so.',
    causes: ['Asymmetric routing.', 'A mirror port or filter for one direction.'],
    advice: 'Mirror both directions, or capture on a host.',
    rfc: 'none',
    doubts: 0,
    covers: ['one_sided', 'lost_segment', 'ack_lost_segment'],
    say: (v: { flows: number; of: number }) =>
      `of ${count(v.flows)} of ${counted(v.of, 'connection')} only one direction was captured`,
  }),
  capture_duplicates: entry({
    severity: 'warn',
    group: 'capture',
    title: 'The capture holds frames twice',
    meaning:
      "A good part of the frames is in the capture twice. Wireshark's counts of retransmissions and duplicate acknowledgments are inflated by the copies.",
    causes: ['A mirror port that copies both ways.', 'Capturing on several interfaces of one path.'],
    advice: 'editcap -d removes the copies; better is a mirror port that copies one direction per port.',
    rfc: 'none',
    doubts: 0,
    covers: ['duplicate_frames'],
    say: (v: { frames: number; of: number; flagged: number }) =>
      `${count(v.frames)} of ${counted(v.of, 'frame')} (${percent(v.frames, v.of)}) repeat another${v.flagged > 0 ? `; ${count(v.flagged)} of them look like segments sent again` : ''}`,
  }),
  capture_time_backwards: entry({
    severity: 'note',
    group: 'capture',
    title: 'Time goes backwards',
    meaning: 'Frames have an earlier time stamp than the one before. Times measured across such a step are wrong.',
    causes: [
      'Frames of several interfaces or queues were written out of order.',
      'The clock was set while capturing (NTP, virtual machine).',
      'Files merged without sorting.',
    ],
    advice:
      'A few microseconds do no harm; reordercap sorts the file. After a large step take no time difference across it.',
    rfc: 'none',
    doubts: 0,
    say: (v: { frames: number; largest: number }) =>
      `${counted(v.frames, 'frame')} with an earlier time than the one before, by up to ${duration(v.largest)}`,
  }),
  capture_pause: entry({
    severity: 'note',
    group: 'capture',
    title: 'More than one recording',
    meaning:
      'For a day or more not a single frame was captured. So the file most likely holds several recordings one after another. Connections are judged by the recording they belong to.',
    causes: ['Files of different days were merged.', 'The capture was stopped and continued.'],
    advice: 'Nothing to do. Take no time difference across the pause.',
    rfc: 'none',
    doubts: 0,
    say: (v: { pauses: number; longest: number }) =>
      `nothing captured for ${duration(v.longest)}${v.pauses > 1 ? `, and ${counted(v.pauses - 1, 'more pause', 'more pauses')} of a day or longer` : ''}`,
  }),
  capture_snaplen: entry({
    severity: 'chat',
    group: 'capture',
    title: 'Frames cut by the snap length',
    meaning:
      'Frames were captured only in part. Lengths come from the IP header, so sequence analysis and states are as good as with whole frames; payload and checksums cannot be looked at.',
    causes: ['The capture was made with a snap length (tcpdump -s).'],
    advice: 'Nothing to do, unless the payload matters.',
    rfc: 'none',
    doubts: 0,
    say: (v: { frames: number; of: number; length: number }) =>
      `${count(v.frames)} of ${counted(v.of, 'frame')} cut to ${count(v.length)} bytes or less`,
  }),
  capture_headers_cut: entry({
    severity: 'warn',
    group: 'capture',
    title: 'TCP headers cut',
    meaning:
      'The snap length cuts into TCP headers: options, and with less than 16 bytes the whole segment, are lost to the analysis.',
    causes: [
      'A snap length that is too small for the link layer, tunnels and options used here (68 bytes, the old default, is).',
    ],
    advice: 'Capture at least 128 bytes of each frame, 256 with tunnels.',
    rfc: 'none',
    doubts: 0,
    say: (v: { segments: number; of: number }) =>
      `${count(v.segments)} of ${counted(v.of, 'TCP header')} cut by the snap length`,
  }),
  capture_malformed: entry({
    severity: 'note',
    group: 'capture',
    title: 'Malformed TCP headers',
    meaning: 'TCP headers contradict themselves: a header longer than its packet, or options that run over their end.',
    causes: [
      'A scanner or fuzzer.',
      'A broken sender or middlebox.',
      'Damage on the way, or frames that are no TCP at all.',
    ],
    advice: 'Look at the first of them.',
    rfc: 'RFC 9293 3.1, 3.2',
    doubts: 0,
    say: (v: { segments: number }) => `${counted(v.segments, 'malformed TCP header')}`,
  }),
  capture_filtered: entry({
    severity: 'note',
    group: 'capture',
    title: 'Only SYN, FIN and RST captured',
    meaning:
      'The capture holds the beginnings and ends of connections and nothing in between, as a capture filter on flags leaves it. Who opened and closed is known, losses and waiting are not.',
    causes: ['A filter such as tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0.'],
    advice: 'Nothing to do if that was the purpose.',
    rfc: 'none',
    doubts: 0,
    say: (v: { flows: number }) => `${counted(v.flows, 'connection')} with SYN, FIN and RST only, though data was sent`,
  }),
  checksum_offload: entry({
    severity: 'chat',
    group: 'capture',
    title: 'Checksums not yet computed',
    meaning:
      'TCP checksums hold the sum of the pseudo header only: the sending host leaves the rest to its network card, and the capture was made before that. They are not wrong on the wire.',
    causes: ['The capture was made on the sending host.'],
    advice: 'Nothing to do. It tells where the capture was made.',
    rfc: 'RFC 9293 3.1',
    doubts: 0,
    say: (v: { segments: number; of: number; host: string }) =>
      `${count(v.segments)} of ${counted(v.of, 'checksum')} looked at are left to the network card, first at ${v.host}: the capture was made there`,
  }),
  checksum_unusable: entry({
    severity: 'chat',
    group: 'capture',
    title: 'Checksums wrong throughout',
    meaning:
      'Most TCP checksums of a host are wrong, though its segments got through. So the capture does not show them as they were on the wire.',
    causes: [
      'A network card or driver that fills in the checksum later and leaves something else meanwhile.',
      'A capture whose addresses or contents were changed afterwards (anonymised, rewritten).',
      'A translation of addresses that the capture shows half-way.',
    ],
    advice: 'Do not take these checksums for errors.',
    rfc: 'RFC 9293 3.1',
    doubts: 0,
    say: (v: { segments: number; of: number; host: string }) =>
      `${count(v.segments)} of ${counted(v.of, 'checksum')} looked at are wrong, most of them throughout a host, first ${v.host}: not as they were on the wire`,
  }),
  checksum_wrong: entry({
    severity: 'warn',
    group: 'capture',
    title: 'Wrong TCP checksums',
    meaning:
      'TCP checksums that are wrong, and not because a network card was to fill them in. The receiver drops such segments without a word; they will be sent again.',
    causes: [
      'Damage on the way: bad memory, cable or switch.',
      'A device that edits packets and forgets the checksum.',
      'Segments made by a scanner or by hand.',
    ],
    advice: 'See whether the wrong ones come from one host or through one device.',
    rfc: 'RFC 9293 3.1; RFC 1122 4.2.2.7',
    doubts: 0,
    say: (v: { segments: number; of: number; host: string }) =>
      `${counted(v.segments, 'wrong TCP checksum')} among ${count(v.of)} looked at, first from ${v.host}`,
  }),
} as const;
