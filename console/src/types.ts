// What the API answers, as far as the page reads it.
export interface Occurred { start: string; end?: string; precision: string; text?: string; inferred: boolean }
export interface Place {
  name: string; country?: string; lat?: number; lon?: number; radius_km?: number;
  relation: string; role: string; text?: string; inferred: boolean;
}
export interface Participant { role: "agent" | "target"; name: string; country?: string; text?: string }
export interface Source { name: string; stance: "asserts" | "denies" | "confirms"; via?: string; text?: string }
export interface CountClaim {
  measure: string; min?: number; max?: number; qualifier: string; of?: string;
  sources: string[]; outlet: string; reported_at: string; event_id: string;
}
export interface CountRange {
  measure: string; low: number; low_by: string[]; high?: number; high_by: string[];
  open_above: boolean; contradictory: boolean; claims: CountClaim[];
}
export interface Claim {
  event_id: string; report_id: string; outlet: string; reported_at: string; status: string; occurred?: Occurred;
  sources: Source[]; quotes: string[]; counts: CountClaim[]; confidence: number; coder_version: string; why: string[];
}
export interface Contest {
  how: "denial" | "source_denies" | "counts"; by: string[]; event_id: string; report_id: string; outlet: string;
  reported_at: string; quotes: string[]; denies: string[];
}
export interface Incident {
  id: string; kind: string; earliest: string; latest: string; dated: boolean; first_reported_at: string;
  last_reported_at: string; statuses: string[]; places: Place[]; participants: Participant[]; counts: CountRange[];
  contested: boolean; contests: Contest[]; corroborated: number; outlets: string[]; claims: Claim[];
}
export interface Marks {
  incident_id: string; kind: string; place: string; role: string; relation: string; country?: string;
  radius_km?: number; inferred: boolean; earliest: string; latest: string; dated: boolean; first_reported_at: string;
  statuses: string[]; agents: string[]; counts: string[]; contested: boolean; corroborated: number; claims: number;
}
export interface Feature {
  id: string;
  geometry: { type: "Point"; coordinates: [number, number] } | { type: "LineString"; coordinates: [[number, number], [number, number]] };
  properties: Marks;
}
/** Incidents of one cell of the map, counted by the server; `marks` where it is one. */
export interface Heap {
  lon: number; lat: number; incidents: number; contested: number; corroborated_max: number; kinds: Record<string, number>; marks: Feature[];
}
export interface FlowHeap { kind: string; origin: [number, number]; destination: [number, number]; incidents: number; contested: number }
export interface HeapsAnswer { position: string; incidents: number; unplaced: number; clusters: Heap[]; flows: FlowHeap[]; flows_left: number; features?: Feature[] }
export interface MapAnswer { position: string; features: Feature[]; unplaced: number; next?: string }
export interface TimelineEntry {
  event_id: string; report_id: string; at: string; until: string; precision?: string; time_from: string;
  reported_at: string; kind: string; status: string; headline: string; places: string[]; agents: string[];
  targets: string[]; counts: string[]; sources: string[]; denied_by: string[]; outlet: string; quote: string; confidence: number;
}
export interface TimelineBins {
  position: string; events: number; happened: { start: string; end: string }; reported: { start: string; end: string };
  bins: { column: number; row: number; events: number; kinds: Record<string, number> }[];
}
export interface MeasureInForce {
  id: string; kind: string; state: string; imposed_by: string[]; against: string[]; scope: string[];
  since?: string; until?: string;
  claims: { event_id: string; report_id: string; outlet: string; reported_at: string; quote: string; sources: string[]; effect: string }[];
}
export interface LedgerRow {
  event_id: string; ordinal: number; report_id: string; kind: string; cumulative: boolean; side: string[];
  countries: string[]; group?: string; measure: string; min?: number; max?: number; qualifier: string; of?: string;
  places: string[]; sources: string[]; denied_by: string[]; outlet: string; reported_at: string; quote: string;
}
export interface Relation { name: string; incidents: number }
export interface Voice {
  name: string; incidents: number; shared: number; first: number;
  agrees_with: Relation[]; contradicts: Relation[]; denies: Relation[];
}
export interface TypedEvent {
  id: string; kind: string; status: string; report_id: string; outlet: string; reported_at: string;
  occurred?: Occurred; places: Place[]; participants: Participant[]; sources: Source[];
  evidence: { start: number; end: number; quote: string }[]; confidence: number; denies?: string[];
}
export interface Mark { event_id: string; kind: string; start: number; end: number }
export interface ReportAnswer {
  position: string;
  report: { id: string; outlet: string; url?: string; title?: string; body: string; published_at: string; received_at: string; external_id?: string };
  withdrawn_by: { report_id: string; at: string; retracts: boolean }[];
  receipts: { coder_version: string; event_ids: string[]; not_coded?: string }[];
  events: TypedEvent[];
  marks: Mark[];
}
export interface Status {
  position: string; trouble?: string; lag_messages: number;
  topics: { topic: string; lag_messages: number; positions: Record<string, number> }[];
  raw_owed_since?: string; received_last?: string;
  raw_owed: number; raw_owed_first: { partition: number; offset: number }[];
  reports: number; events: number; dead_letters: number; dead_letters_by_reason: Record<string, number>;
  coder_versions: string[]; feed_last: number;
}
export interface DeadLetter {
  reason: string; detail: string; handler: string; topic: string; partition: number; offset: number;
  timestamp_ms: number; died_at: string; key?: string; value?: string;
}
export interface Health { ok: boolean; reasons: string[]; facts: Record<string, unknown> }
export interface Page<T> { items: T[]; next?: string; position: string }
