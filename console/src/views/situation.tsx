import { useCallback, useMemo } from "preact/hooks";
import { get, useAnswer } from "../api";
import { FAMILIES, words } from "../kinds";
import { MapView } from "../map/view";
import type { Camera } from "../map/mercator";
import { Contested, Glyph, Go, Kind, Loading, plural, Trouble } from "../parts/basics";
import { shortMoment, span } from "../time";
import type { Feature, MapAnswer, Marks, MeasureInForce, Page } from "../types";
import { filtersOf, go, useParams } from "../url";

const PAGE = 1_000;
const PAGES_MAX = 10;
const LISTED_MAX = 150;

interface Found { features: Feature[]; unplaced: number; more: boolean }

async function ask(filters: readonly [string, string][], signal: AbortSignal): Promise<Found> {
  const found: Found = { features: [], unplaced: 0, more: false };
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const query: [string, string][] = [...filters, ["limit", String(PAGE)]];
    if (cursor) query.push(["cursor", cursor]);
    const answer: MapAnswer = await get<MapAnswer>("/v1/map.geojson", query, signal);
    found.features.push(...answer.features);
    found.unplaced += answer.unplaced;
    cursor = answer.next;
    if (!cursor) return found;
  }
  return { ...found, more: true };
}

function camera(text: string | undefined): Camera | null {
  const [lon, lat, zoom] = (text ?? "").split(",").map(Number);
  return lon !== undefined && lat !== undefined && zoom !== undefined && [lon, lat, zoom].every(Number.isFinite) ? { lon, lat, zoom } : null;
}

export function Situation({ pulse, theme }: { pulse: number; theme: string }) {
  const p = useParams(), filters = filtersOf(p), key = JSON.stringify(filters);
  const map = useAnswer(`map ${key}`, (signal) => ask(filters, signal), p["as_of"] ? 0 : pulse);
  const features = map.data?.features ?? null;
  const incidents = useMemo(() => {
    const found = new Map<string, Marks[]>();
    for (const { properties } of features ?? []) {
      if (properties.role === "route") continue;
      const there = found.get(properties.incident_id);
      if (there) there.push(properties);
      else found.set(properties.incident_id, [properties]);
    }
    return [...found.values()];
  }, [features]);
  const chosen = p["pick"] ?? null, near = p["near"];
  const pick = useCallback((ids: string[]) => {
    if (ids.length === 1) { go({ pick: ids[0] ?? null, near: null }); return; }
    if (!ids.length) { go({ pick: null, near: null }); return; }
    const chosenIds = new Set(ids), names = new Set(incidents.flat().filter((m) => chosenIds.has(m.incident_id) && m.role !== "destination").map((m) => m.place));
    go({ near: [...names].slice(0, 12).join("|"), pick: null });
  }, [incidents]);
  const moved = useCallback((to: Camera) => go({ map: `${to.lon.toFixed(3)},${to.lat.toFixed(3)},${to.zoom.toFixed(2)}` }, true), []);
  const places = near ? new Set(near.split("|")) : null;
  const listed = incidents.filter((marks) => (chosen ? marks[0]?.incident_id === chosen : !places || marks.some((m) => places.has(m.place))));
  return (
    <div class="situation">
      <Measures filters={p["as_of"] ?? ""} pulse={pulse} />
      <div class="stage">
        <MapView features={features} selected={chosen} theme={theme} start={camera(p["map"])} onMoved={moved} onPick={pick} />
        {map.data === null && !map.error && <div class="over"><Loading /></div>}
        {map.error && <div class="over"><Trouble of={map} /></div>}
        {features && !incidents.length && <div class="over"><div class="empty">No incident with a known place {p["as_of"] ? "had been reported by then" : "matches"}. {filters.length > 0 && <button type="button" onClick={() => go({ from: null, to: null, q: null, kind: null, as_of: null })}>Show everything</button>}</div></div>}
        <Legend />
      </div>
      <aside class="side" aria-label="Incidents">
        <h2>
          {chosen ? "Chosen" : near ? `At ${near.split("|").slice(0, 2).join(", ")}${near.split("|").length > 2 ? "…" : ""}` : "Incidents"} <small>{listed.length.toLocaleString("en-GB")}</small>
          {(chosen ?? near) && <Go to={{ pick: null, near: null }} class="clear">show all</Go>}
        </h2>
        {map.data?.more && <p class="note">The newest {incidents.length.toLocaleString("en-GB")} are shown; narrow the filters for the rest.</p>}
        {map.data === null && !map.error ? <Loading /> : (
          <ul class="list">
            {listed.slice(0, LISTED_MAX).map((marks) => <Row key={marks[0]?.incident_id} marks={marks} />)}
          </ul>
        )}
        {listed.length > LISTED_MAX && <p class="note">and {(listed.length - LISTED_MAX).toLocaleString("en-GB")} more; choose a mark on the map to see those of a place.</p>}
        {map.data !== null && map.data.unplaced > 0 && !chosen && !near && <p class="note">{plural(map.data.unplaced, "incident")} without a place that the gazetteer knows {map.data.unplaced === 1 ? "is" : "are"} on the <Go to={{ view: "timeline" }}>timeline</Go>.</p>}
      </aside>
    </div>
  );
}

function Row({ marks }: { marks: Marks[] }) {
  const m = marks[0];
  if (!m) return null;
  const where = [...new Set(marks.map((x) => (x.role === "origin" ? `from ${x.place}` : x.role === "destination" ? `to ${x.place}` : x.relation === "in" ? x.place : `${x.relation.replaceAll("_", " ")} ${x.place}`)))].join(", ");
  return (
    <li>
      <Go to={{ view: "incident", id: m.incident_id, report: null, event: null }}>
        <span class="top"><Kind kind={m.kind} contested={m.contested} />{m.contested && <Contested />}</span>
        <span class="where">{where}{m.agents.length > 0 && <> · by {m.agents.slice(0, 2).join(", ")}</>}</span>
        {m.counts.length > 0 && <span class="counts">{m.counts.slice(0, 3).join(" · ")}</span>}
        <span class="meta">{m.statuses.filter((s) => s !== "occurred").map((s) => `${words(s)} · `)}{span(m.earliest, m.latest, m.dated)} · {plural(m.corroborated, "independent source")}</span>
      </Go>
    </li>
  );
}

function Legend() {
  return (
    <details class="legend">
      <summary>Key</summary>
      <ul>
        {FAMILIES.map((f) => <li key={f.id}><Glyph kind={f.kinds[0] ?? ""} /><span>{f.label}<small>{f.kinds.map((k) => words(k).toLowerCase()).join(", ")}</small></span></li>)}
        <li><Glyph kind="airstrike" hollow /><span>Hollow, in a broken ring: contested</span></li>
        <li><span class="key num">3</span><span>A number in a mark: that many independent sources. A number in a ring: that many incidents</span></li>
        <li><span class="key area" /><span>A dotted circle: it was somewhere in there</span></li>
        <li><span class="key dash" /><span>A broken border: disputed. Lines are those of Natural Earth, which has none for Abkhazia, South Ossetia and the like</span></li>
      </ul>
      <p>Ground: Natural Earth. Names: GeoNames, CC BY 4.0.</p>
    </details>
  );
}

function Measures({ filters, pulse }: { filters: string; pulse: number }) {
  const query: [string, string][] = [["limit", "200"], ["state", "in_force"], ["state", "announced"]];
  if (filters) query.push(["as_of", filters]);
  const found = useAnswer(`measures ${filters}`, (signal) => get<Page<MeasureInForce>>("/v1/measures", query, signal), filters ? 0 : pulse);
  const items = found.data?.items ?? [];
  return (
    <section class="measures" aria-label="Measures in force">
      <h2>In force</h2>
      {found.error && !found.data ? <Trouble of={found} /> : items.length === 0 ? <p class="note">{found.data ? "No ban, closure, sanction or truce is known." : "…"}</p> : (
        <ul tabIndex={0} aria-label="Measures, scroll sideways">
          {items.map((m) => (
            <li key={m.id} title={m.claims[m.claims.length - 1]?.quote}>
              <Go to={{ view: "incident", id: `i_${(m.claims[0]?.event_id ?? "").slice(2)}`, report: null, event: null }}>
                <Kind kind={m.kind} />
                <span>{[m.imposed_by.length ? `by ${m.imposed_by.slice(0, 2).join(", ")}` : "", m.against.length ? `on ${m.against.slice(0, 2).join(", ")}` : "", m.scope.length ? `in ${m.scope.slice(0, 2).join(", ")}` : ""].filter(Boolean).join(" ") || "by whom is not said"}</span>
                <small>{m.state === "announced" ? "announced" : "since"} {m.since ? shortMoment(m.since) : "not said"}{m.until ? `, until ${shortMoment(m.until)}` : ""}</small>
              </Go>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
