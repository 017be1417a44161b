import { useEffect, useState } from "preact/hooks";
import { ApiError, get, post, useAnswer } from "../api";
import type { Live } from "../live";
import { words } from "../kinds";
import { Go, Kind, Shown } from "../parts/basics";
import { ReportText } from "../parts/report";
import { iso, shortMoment } from "../time";
import type { Page, ReportAnswer, TypedEvent } from "../types";
import { go, useParams } from "../url";

interface Accepted { id: string; duplicate: boolean | null; topic: string; partition: number; offset: number }
const ASK_EVERY_MS = 400;
const FOLLOW_S_MAX = 120;
const FILE_BYTES_MAX = 1_000_000; // what ingest takes

export function LiveView({ live }: { live: Live }) {
  const p = useParams();
  return (
    <section class="page live">
      <h1>Live</h1>
      <div class="two">
        <div>
          <PostForm />
          {p["where"] && p["report"] && <Follow key={p["where"]} id={p["report"]} where={p["where"]} />}
        </div>
        <Feed live={live} />
      </div>
    </section>
  );
}

function PostForm() {
  const config = useAnswer("config", (signal) => get<{ ingest_url: string | null }>("/console/config.json", [], signal));
  const [body, setBody] = useState(""), [trouble, setTrouble] = useState(""), [busy, setBusy] = useState(false), [over, setOver] = useState(false), [title, setTitle] = useState("");
  const url = config.data?.ingest_url;
  const send = async (report: Record<string, unknown>): Promise<void> => {
    if (!url) return;
    setBusy(true);
    setTrouble("");
    try {
      const taken = await post<Accepted>(`${url}/v1/reports`, report);
      go({ report: taken.id, where: `${taken.topic}/${taken.partition}/${taken.offset}` });
      setBody("");
      setTitle("");
    } catch (error) {
      setTrouble(error instanceof ApiError ? `${error.title}. ${error.message}` : String(error));
    } finally {
      setBusy(false);
    }
  };
  const drop = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    if (file.size > FILE_BYTES_MAX) { setTrouble("The file is larger than a megabyte, which is the most that a report may have."); return; }
    const text = await file.text();
    try {
      const found = JSON.parse(text) as unknown;
      if (found && typeof found === "object" && "body" in found) { await send(found as Record<string, unknown>); return; }
    } catch { /* not JSON: the text itself is the report */ }
    setBody(text);
    setTitle(file.name.replace(/\.\w+$/, ""));
  };
  if (config.data && !url) return <p class="empty">Posting is off: TOCSIN_PROJECTION_INGEST_URL is not set.</p>;
  return (
    <form class={`post${over ? " over" : ""}`} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); setOver(false); void drop(e.dataTransfer?.files[0]); }}
      onSubmit={(e) => {
        e.preventDefault();
        const data = new FormData(e.currentTarget), of = (name: string): string => String(data.get(name) ?? "").trim();
        void send({ outlet: of("outlet"), ...(title ? { title } : {}), body, published_at: `${of("published").slice(0, 16)}:00Z`, ...(of("country") ? { country: of("country").toUpperCase() } : {}) });
      }}>
      <h2>Post a report</h2>
      <p class="note">Paste its text, or drop a file: plain text, or a report as JSON.</p>
      <div class="fields">
        <label>Outlet <input name="outlet" required maxLength={200} autocomplete="organization" /></label>
        <label>Published (UTC) <input name="published" type="datetime-local" required defaultValue={iso(Date.now()).slice(0, 16)} /></label>
        <label>Country <input name="country" maxLength={2} pattern="[A-Za-z]{2}" placeholder="GE" title="Two letters, as in GE" /></label>
      </div>
      <label>Headline <input name="title" value={title} onInput={(e) => setTitle(e.currentTarget.value)} maxLength={500} /></label>
      <label>Text <textarea name="body" required rows={6} value={body} onInput={(e) => setBody(e.currentTarget.value)} /></label>
      <div class="row">
        <label class="file">Choose a file <input type="file" accept=".txt,.json,text/plain,application/json" onChange={(e) => { void drop(e.currentTarget.files?.[0]); e.currentTarget.value = ""; }} /></label>
        <button type="submit" class="main" disabled={busy || !url}>{busy ? "Posting…" : "Post"}</button>
      </div>
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
    </form>
  );
}

const STEPS = ["Taken by ingest, durable on the log", "Coded by the extractor", "Its events are in the read models"] as const;

function Follow({ id, where }: { id: string; where: string }) {
  const [step, setStep] = useState(1), [answer, setAnswer] = useState<ReportAnswer | null>(null), [trouble, setTrouble] = useState(""), [focus, setFocus] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController(), until = Date.now() + FOLLOW_S_MAX * 1000;
    void (async () => {
      while (!stop.signal.aborted) {
        try {
          const whole = await get<ReportAnswer>(`/v1/reports/${encodeURIComponent(id)}`, [["min_position", where], ["wait_s", "1"]], stop.signal);
          setTrouble(whole.receipts.length ? "" : "The extractor gave it up: it is a dead letter, shown under Operations.");
          setAnswer(whole);
          setStep(3);
          return;
        } catch (error) {
          if (stop.signal.aborted) return;
          if (!(error instanceof ApiError) || (error.status !== 503 && error.status !== 0)) { setTrouble(String(error instanceof ApiError ? `${error.title}. ${error.message}` : error)); return; }
          setTrouble(error.status === 0 ? "No connection; still trying." : "");
        }
        if (Date.now() > until) { setTrouble("It takes longer than two minutes: see Operations."); return; }
        try {
          const part = await get<ReportAnswer>(`/v1/reports/${encodeURIComponent(id)}`, [], stop.signal);
          if (part.receipts.length) setStep(2);
        } catch { /* not there yet */ }
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
      }
    })();
    return () => stop.abort();
  }, [id, where]);
  return (
    <section class="follow" aria-label="Progress of the posted report">
      <ol class="steps">
        {STEPS.map((text, i) => <li key={text} class={step > i ? "done" : step === i ? "now" : ""}><span aria-hidden="true">{step > i ? "✓" : i + 1}</span>{text}{i === 0 && <small>{where}</small>}</li>)}
      </ol>
      <p class="sr" role="status">{STEPS[step - 1]}</p>
      <progress max={3} value={step} aria-label="Progress" />
      {trouble && <p class="trouble" role="alert">{trouble}</p>}
      {answer && (
        <>
          <h2>{answer.events.length === 0 ? "It holds no event" : `${answer.events.length} event${answer.events.length === 1 ? "" : "s"}`}</h2>
          <ul class="list found">
            {answer.events.map((e) => (
              <li key={e.id} onMouseEnter={() => setFocus(e.id)} onFocusCapture={() => setFocus(e.id)}>
                <Go to={{ view: "incident", id: `i_${e.id.slice(2)}`, report: id, event: e.id, where: null }}>
                  <span class="top"><Kind kind={e.kind} /></span>
                  <span class="where">{e.places.map((x) => x.name).join(", ") || "no place said"}{e.status !== "occurred" && ` · ${words(e.status).toLowerCase()}`}</span>
                </Go>
              </li>
            ))}
          </ul>
          <ReportText answer={answer} focus={focus} still />
        </>
      )}
    </section>
  );
}

function Feed({ live }: { live: Live }) {
  const before = useAnswer("feed", (signal) => get<Page<TypedEvent>>("/v1/events", [["limit", "40"]], signal));
  const fresh = new Set(live.events.map((e) => e.id));
  return (
    <section class="feed">
      <h2>Newest events <small>{live.state === "on" ? "following" : live.state === "lost" ? "connection lost" : "connecting"}</small></h2>
      <Shown of={before} empty={(d) => d.items.length + live.events.length === 0} emptyText="Nothing has been reported yet.">
        {(d) => (
          <ul class="list">
            {[...live.events, ...d.items.filter((e) => !fresh.has(e.id))].slice(0, 80).map((e) => (
              <li key={e.id} class={fresh.has(e.id) ? "new" : ""}>
                <Go to={{ view: "incident", id: `i_${e.id.slice(2)}`, report: e.report_id, event: e.id }}>
                  <span class="top"><Kind kind={e.kind} />{fresh.has(e.id) && <span class="badge">new</span>}</span>
                  <span class="where">{e.places.map((x) => x.name).join(", ")}</span>
                  <q>{e.evidence[0]?.quote}</q>
                  <span class="meta">{e.outlet} · {shortMoment(e.reported_at)} UTC</span>
                </Go>
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </section>
  );
}
