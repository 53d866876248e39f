// In: the package's users. Out: what `import 'tcpstate'` gives: captures to connections, states and findings.
//
//     import { analyze } from 'tcpstate';
//     const capture = await analyze({ files: ['capture.pcap'] }, { flow: (flow) => console.log(flow.verdict) });

export { type AnalyzeListener, type AnalyzeOptions, analyze, DEFAULT_TIME_WAIT_SECONDS } from './analyze.ts';
export type { Frame } from './capture/frame.ts';
export type { CheckResult, RuleResult, Violation } from './check/rule.ts';
export { type CheckCapturesOptions, check, type RuleInput } from './check-captures.ts';
export { CaptureError, type CaptureWarning, UsageError } from './errors.ts';
export { FIELDS } from './filter/catalog.ts';
export type { Field } from './filter/field.ts';
export { Filter } from './filter/filter.ts';
export { FilterError } from './filter/filter-error.ts';
export { FlowSelection } from './filter/selection.ts';
export { ANALYSIS_SCHEMA } from './report/analysis-json.ts';
export type {
  CaptureResult,
  EndpointResult,
  Evidence,
  FindingResult,
  FlowResult,
  StateEntry,
} from './tcp/flow-result.ts';
export { STATES, type StateName } from './tcp/state.ts';
export { Extent, type TcpTrace } from './tcp/trace.ts';
export { VERSION } from './version.ts';
export { Flag, type Packet, PacketKind } from './wire/packet.ts';
