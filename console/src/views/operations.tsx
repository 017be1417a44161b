import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, get, post, useAnswer } from "../api";
import { plural, Shown } from "../parts/basics";
import { moment, ms, number, shortMoment } from "../time";
import type { DeadLetter, Health, Page, Status } from "../types";

const POLL_MS = 3_000;
const SAMPLES_MAX = 40;
const OWED_S_MAX = 60; // the slowest report takes a few seconds
const PREVIEW_CHARS_MAX = 4_000;

interface Sample { at: number; events: number; reports: number }
interface Replayed { topic: string; partition: number; offset: number; min_position: string }
interface Checks { projection: Health | null; live: Health | null; ingest: Health | null }

async function health(url: string, signal: AbortSignal): Promise<Health | null> {
  try {
    return (await (await fetch(url, { signal })).json()) as Health;
  } catch {
    return null;
  }
}

export function Operations() {
  const [turn, setTurn] = useState(0), samples = useRef<Sample[]>([]);
  useEffect(() => {
    const timer = setInterval(() => setTurn((n) => n + 1), POLL_MS);
    return () => clearInterval(timer);
  }, []);
  const status = useAnswer("status", async (signal) => {
    const found = await get<Status>("/v1/status", [], signal);
    samples.current = [...samples.current, { at: Date.now(), events: found.events, reports: found.reports }].slice(-SAMPLES_MAX);
    return found;
  }, turn);
  const checks = useAnswer("health", async (signal): Promise<Checks> => {
    const { ingest_url } = await get<{ ingest_url: string | null }>("/console/config.json", [], signal);
    const [projection, live, ingest] = await Promise.all([health("/health/ready", signal), health("/health/live", signal), ingest_url ? health(`${ingest_url}/health/ready`, signal) : null]);
    return { projection, live, ingest };
  }, turn);
  return (
    <section class="page ops">
      <h1>Operations</h1>
      <Shown of={status} empty={() => false} emptyText="">
        {(s) => { const extractor = extractorOf(s); return (
          <>
            <div class="tiles">
              <Tile name="Projection" value={checks.data?.projection ? (checks.data.projection.ok ? "ready" : "not ready") : "…"} bad={checks.data !== null && !checks.data.projection?.ok} note={checks.data?.projection?.reasons.join("; ") || (checks.data?.live?.ok === false ? checks.data.live.reasons.join("; ") : "reads the log and answers")} />
              <Tile name="Ingest" value={checks.data ? (checks.data.ingest ? (checks.data.ingest.ok ? "ready" : "not ready") : "not reached") : "…"} bad={checks.data !== null && !checks.data.ingest?.ok} note={checks.data?.ingest?.reasons.join("; ") || (s.received_last ? `last report taken ${shortMoment(s.received_last)} UTC` : "no report taken yet")} />
              <Tile name="Extractor" value={extractor.value} bad={extractor.bad} note={extractor.note} />
              <Tile name="Lag" value={number(s.lag_messages)} bad={s.lag_messages > 1000} note="messages on the log, not yet read" />
              <Tile name="Dead letters" value={number(s.dead_letters)} bad={s.dead_letters > 0} note={Object.entries(s.dead_letters_by_reason).map(([r, n]) => `${r.replaceAll("_", " ")} ${n}`).join(", ") || "everything could be handled"} />
              <Rate now={s} samples={samples.current} />
            </div>
            {s.trouble && <p class="trouble" role="alert">{s.trouble}</p>}
            <p class="note">Coder {s.coder_versions.join(", ") || "none yet"}. The page asks again every {POLL_MS / 1000} s. Metrics for Prometheus are at <a href="/metrics">/metrics</a>, the API at <a href="/docs">/docs</a>.</p>
            <Dead turn={s.dead_letters} />
            <h2>Topics</h2>
            <div class="table" tabIndex={0} role="region" aria-label="Topics">
              <table>
                <thead><tr><th scope="col">Topic</th><th scope="col">Messages read</th><th scope="col">Lag</th><th scope="col">Read by partition</th></tr></thead>
                <tbody>{s.topics.map((t) => <tr key={t.topic}><th scope="row">{t.topic}</th><td class="n">{number(Object.values(t.positions).reduce((a, b) => a + b, 0))}</td><td class="n">{number(t.lag_messages)}</td><td>{Object.entries(t.positions).map(([n, o]) => `${n}: ${number(o)}`).join(", ") || "–"}</td></tr>)}</tbody>
              </table>
            </div>
          </>
        ); }}
      </Shown>
    </section>
  );
}

/** The extractor is seen by its work: no service asks another. What is owed for long, nobody codes. */
function extractorOf(s: Status): { value: string; note: string; bad: boolean } {
  if (!s.raw_owed) return { value: "up to date", note: "every report read has its receipt or its dead letter", bad: false };
  const waits_s = s.raw_owed_since ? Math.round((Date.now() - ms(s.raw_owed_since)) / 1000) : 0, bad = waits_s > OWED_S_MAX;
  return { value: bad ? "behind" : "coding", note: `${plural(s.raw_owed, "report")} without a receipt${s.raw_owed_since ? `, the first since ${shortMoment(s.raw_owed_since)} UTC` : ""}`, bad };
}

function Tile({ name, value, note, bad = false }: { name: string; value: string; note: string; bad?: boolean }) {
  return <div class={`tile${bad ? " bad" : ""}`}><h2>{name}</h2><p class="big">{bad && <span aria-hidden="true">! </span>}{value}</p><p class="note">{note}</p></div>;
}

function Rate({ samples, now: s }: { samples: readonly Sample[]; now: Status }) {
  const rates = samples.slice(1).map((s, i) => {
    const before = samples[i] ?? s;
    return ((s.events - before.events) / Math.max(1, s.at - before.at)) * 1000;
  });
  const top = Math.max(1, ...rates), now = rates[rates.length - 1] ?? 0;
  const points = rates.map((r, i) => `${(i / (SAMPLES_MAX - 1)) * 100},${28 - (r / top) * 26}`).join(" ");
  return (
    <div class="tile">
      <h2>Throughput</h2>
      <p class="big">{number(Math.round(now * 10) / 10)}<small> events/s</small></p>
      <svg viewBox="0 0 100 30" preserveAspectRatio="none" class="spark" aria-hidden="true">{rates.length > 1 && <polyline points={points} />}</svg>
      <p class="note">{plural(s.reports, "report")}, {plural(s.events, "event")} in all</p>
    </div>
  );
}

function textOf(base64: string | undefined): string {
  if (!base64) return "(no value was kept)";
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return new TextDecoder().decode(bytes).slice(0, PREVIEW_CHARS_MAX);
}

function Dead({ turn }: { turn: number }) {
  const letters = useAnswer("dead", (signal) => get<Page<DeadLetter>>("/v1/dead-letters", [["limit", "200"]], signal), turn);
  return (
    <>
      <h2>Dead letters</h2>
      <Shown of={letters} empty={(d) => d.items.length === 0} emptyText="None: everything on the log could be handled.">
        {(d) => <ul class="dead">{d.items.map((l) => <Letter key={`${l.topic}/${l.partition}/${l.offset}/${l.handler}`} letter={l} />)}</ul>}
      </Shown>
    </>
  );
}

function Letter({ letter: l }: { letter: DeadLetter }) {
  const [said, setSaid] = useState(""), [busy, setBusy] = useState(false), place = `${l.topic}/${l.partition}/${l.offset}`;
  const replay = async (): Promise<void> => {
    setBusy(true);
    setSaid("Replaying…");
    try {
      const to = await post<Replayed>(`/v1/dead-letters/${encodeURIComponent(l.topic)}/${l.partition}/${l.offset}/replay`, {});
      setSaid(`Published again at ${to.min_position}; waiting for it to be handled.`);
      const after = await get<Page<DeadLetter>>("/v1/dead-letters", [["limit", "200"], ["min_position", to.min_position], ["wait_s", "30"]]);
      const again = after.items.some((x) => x.topic === to.topic && x.partition === to.partition && x.offset === to.offset);
      setSaid(again ? `Published again at ${to.min_position}; it could not be handled there either.` : `Published again at ${to.min_position} and handled.`);
    } catch (error) {
      setSaid(error instanceof ApiError ? `${error.title}. ${error.message}` : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <li>
      <div class="row"><b>{l.reason.replaceAll("_", " ")}</b><small>{place} · {l.handler} · {moment(l.died_at)} UTC</small><button type="button" disabled={busy} onClick={() => void replay()} aria-label={`Replay ${place}`}>Replay</button></div>
      <p>{l.detail}</p>
      <p role="status">{said}</p>
      <details><summary>The original</summary><pre tabIndex={0}>{textOf(l.value)}</pre></details>
    </li>
  );
}
