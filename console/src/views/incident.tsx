import { Fragment } from "preact";
import { ApiError, get, useAnswer } from "../api";
import { words } from "../kinds";
import { Contested, countText, Go, Kind, plural, rangeText, Shown } from "../parts/basics";
import { RangeBars } from "../parts/ranges";
import { ReportText } from "../parts/report";
import { moment, ms, span } from "../time";
import type { Claim, Contest, Incident, ReportAnswer, TypedEvent } from "../types";
import { useParams } from "../url";

interface Found { incident: Incident | null; event: TypedEvent | null }

/** Kinds that are not joined (speech, tolls) have no incident: then it is the event by itself. */
async function ask(id: string, asOf: string | undefined, signal: AbortSignal): Promise<Found> {
  const query: [string, string][] = asOf ? [["as_of", asOf]] : [];
  const found = async <T,>(path: string, of: [string, string][]): Promise<T | null> => {
    try {
      return await get<T>(path, of, signal);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  };
  const joined = await found<{ incident: Incident }>(`/v1/incidents/${id}`, query);
  if (joined) return { incident: joined.incident, event: null };
  return { incident: null, event: (await found<{ event: TypedEvent }>(`/v1/events/e_${id.slice(2)}`, []))?.event ?? null };
}

export function IncidentView({ pulse }: { pulse: number }) {
  const p = useParams(), id = p["id"] ?? "", asOf = p["as_of"];
  const found = useAnswer(`incident ${id} ${asOf ?? ""}`, (signal) => ask(encodeURIComponent(id), asOf, signal), asOf ? 0 : pulse);
  return (
    <section class="page incident">
      <p class="back"><Go to={{ view: null, id: null, report: null, event: null }}>← Situation</Go></p>
      <Shown of={found} empty={(d) => !d.incident && !d.event} emptyText={asOf ? "Nothing of this incident had been reported by then." : "There is no such incident: its report may have been withdrawn, or coded anew."}>
        {(d) => d.incident ? <Joined incident={d.incident} /> : d.event && <Lone event={d.event} />}
      </Shown>
    </section>
  );
}

function Joined({ incident: i }: { incident: Incident }) {
  const p = useParams();
  const first = i.claims[0], event = p["event"] ?? first?.event_id ?? null;
  const report = p["report"] ?? i.claims.find((c) => c.event_id === event)?.report_id ?? first?.report_id ?? null;
  const places = i.places.map((x) => `${x.role === "location" ? "" : `${x.role} `}${x.relation === "in" ? "" : `${x.relation.replaceAll("_", " ")} `}${x.name}${x.country ? ` (${x.country})` : ""}${x.radius_km ? `, ± ${x.radius_km} km` : ""}`);
  const who = (role: string): string => i.participants.filter((x) => x.role === role).map((x) => x.name).join(", ");
  return (
    <>
      <header class="head">
        <h1><Kind kind={i.kind} contested={i.contested} />{i.places[0] && <span> {i.places[0].name}</span>}</h1>
        <p class="badges">
          {i.contested ? <Contested /> : <span class="badge">uncontested</span>}
          <span class="badge">{plural(i.corroborated, "independent source")}</span>
          {i.statuses.map((s) => <span class="badge" key={s}>{words(s)}</span>)}
        </p>
        <dl>
          <dt>When</dt><dd>{span(i.earliest, i.latest, i.dated)} UTC</dd>
          {places.length > 0 && <><dt>Where</dt><dd>{places.join("; ")}</dd></>}
          {who("agent") && <><dt>By</dt><dd>{who("agent")}</dd></>}
          {who("target") && <><dt>On</dt><dd>{who("target")}</dd></>}
          <dt>Reported</dt><dd>first {moment(i.first_reported_at)}, last {moment(i.last_reported_at)} UTC</dd>
        </dl>
        <p class="links"><a href={`/v1/incidents/${i.id}`}>This incident as JSON</a></p>
      </header>
      <h2>Who says what</h2>
      <div class="sides">
        <h3>Said <small>{i.claims.length}</small></h3>
        <h3>Against it <small>{i.contests.length}</small></h3>
        {i.claims.map((c, n) => {
          const against = i.contests.filter((x) => opposite(x, i.claims) === n);
          return (
            <Fragment key={c.event_id}>
              <ClaimCard claim={c} chosen={c.event_id === event} many={i.claims.length > 1} />
              <div class={against.length ? "no" : "no none"}>
                {against.map((x, m) => <ContestCard key={`${x.event_id}${x.how}${m}`} contest={x} chosen={x.event_id === event} claims={i.claims} />)}
                {n === 0 && i.contests.length === 0 && <p class="empty small">Nobody in these reports denies it or gives a count that excludes another.</p>}
              </div>
            </Fragment>
          );
        })}
      </div>
      {i.counts.length > 0 && (
        <>
          <h2>Counts, by who says so</h2>
          {i.counts.map((c) => (
            <section key={c.measure} class="count">
              <h3>{rangeText(c.low, c.high, c.open_above, c.measure)} {c.contradictory && <span class="badge contested">can't both be true</span>}</h3>
              <RangeBars label={`Claims of ${c.measure}`} top={Math.max(...c.claims.flatMap((x) => [x.min ?? 0, x.max ?? 0]))} bars={c.claims.map((x, n) => ({
                key: `${x.event_id}${n}`, qualifier: x.qualifier, measure: x.measure, ...(x.min === undefined ? {} : { min: x.min }), ...(x.max === undefined ? {} : { max: x.max }),
                who: x.sources.join(", ") || x.outlet, at: x.reported_at, at_ms: ms(x.reported_at), hint: `${x.of ?? ""} (${x.outlet})`,
              }))} />
            </section>
          ))}
        </>
      )}
      <h2>In the report's own words</h2>
      {report && <Report id={report} focus={event} />}
    </>
  );
}

/** Opposite which claim it stands: the first that it denies, or whose count it excludes. */
function opposite(contest: Contest, claims: readonly Claim[]): number {
  const denied = claims.findIndex((c) => contest.denies.includes(c.event_id));
  if (denied >= 0) return denied;
  const other = contest.how === "counts" ? claims.findIndex((c) => c.event_id !== contest.event_id && c.counts.length > 0) : claims.findIndex((c) => c.event_id === contest.event_id);
  return Math.max(0, other);
}

function ClaimCard({ claim: c, chosen, many }: { claim: Claim; chosen: boolean; many: boolean }) {
  const said = c.sources.filter((s) => s.stance !== "denies").map((s) => s.name), denied = c.sources.filter((s) => s.stance === "denies").map((s) => s.name);
  return (
    <article class={`claim${chosen ? " chosen" : ""}`}>
      <h4>{said.length ? said.join(", ") : c.outlet}</h4>
      <p class="meta">{said.length ? `in ${c.outlet}, ` : "in its own voice, "}{moment(c.reported_at)} UTC{c.status !== "occurred" && ` · ${words(c.status).toLowerCase()}`}</p>
      {c.quotes.map((q) => <blockquote key={q}>{q}</blockquote>)}
      {c.counts.length > 0 && <p>{c.counts.map(countText).join(" · ")}</p>}
      {denied.length > 0 && <p class="denied">Denied in the same report by {denied.join(", ")}</p>}
      {many && c.why.length > 0 && <details><summary>Why it belongs here</summary><ul>{c.why.map((w) => <li key={w}>{w}</li>)}</ul></details>}
      <p class="links"><Go to={{ report: c.report_id, event: c.event_id }}>Show in its report</Go><a href={`/v1/events/${c.event_id}`}>JSON</a><span class="conf">confidence {c.confidence.toFixed(2)}</span></p>
    </article>
  );
}

const HOW = { denial: "denies it", source_denies: "denies it in the same report", counts: "gives a count that excludes another" } as const;

function ContestCard({ contest: c, chosen, claims }: { contest: Contest; chosen: boolean; claims: readonly Claim[] }) {
  const denied = claims.filter((claim) => c.denies.includes(claim.event_id)).map((claim) => claim.sources.filter((s) => s.stance !== "denies").map((s) => s.name).join(", ") || claim.outlet);
  return (
    <article class={`claim against${chosen ? " chosen" : ""}`}>
      <h4>{c.by.join(", ") || c.outlet} <small>{HOW[c.how]}</small></h4>
      <p class="meta">in {c.outlet}, {moment(c.reported_at)} UTC</p>
      {c.quotes.map((q) => <blockquote key={q}>{q}</blockquote>)}
      {denied.length > 0 && <p>Against what is said by {[...new Set(denied)].join("; ")}</p>}
      <p class="links"><Go to={{ report: c.report_id, event: c.event_id }}>Show in its report</Go><a href={`/v1/events/${c.event_id}`}>JSON</a></p>
    </article>
  );
}

function Lone({ event: e }: { event: TypedEvent }) {
  return (
    <>
      <header class="head">
        <h1><Kind kind={e.kind} /></h1>
        <p class="note">Speech and tolls are not joined with others: this is one report's word.</p>
        <dl>
          <dt>Said by</dt><dd>{e.sources.map((s) => s.name).join(", ") || e.outlet}</dd>
          <dt>Reported</dt><dd>{moment(e.reported_at)} UTC, {e.outlet}</dd>
          {e.denies && e.denies.length > 0 && <><dt>Denies</dt><dd>{e.denies.map((id) => <Go key={id} to={{ id: `i_${id.slice(2)}`, report: null, event: id }}>what was said before </Go>)}</dd></>}
        </dl>
        <p class="links"><a href={`/v1/events/${e.id}`}>This event as JSON</a></p>
      </header>
      <h2>In the report's own words</h2>
      <Report id={e.report_id} focus={e.id} />
    </>
  );
}

function Report({ id, focus }: { id: string; focus: string | null }) {
  const found = useAnswer(`report ${id}`, (signal) => get<ReportAnswer>(`/v1/reports/${encodeURIComponent(id)}`, [], signal));
  return <Shown of={found} empty={() => false} emptyText="">{(answer) => <ReportText answer={answer} focus={focus} />}</Shown>;
}
