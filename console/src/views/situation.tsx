import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { ApiError, get, useAnswer } from "../api";
import { FAMILIES, words } from "../kinds";
import type { Box } from "../map/cluster";
import { MapView, type Counted, type Looked } from "../map/view";
import type { Camera } from "../map/mercator";
import { Contested, Glyph, Go, Kind, Loading, plural, Trouble } from "../parts/basics";
import { ms, number, shortMoment, span } from "../time";
import type { Feature, HeapsAnswer, MapAnswer, Marks, MeasureInForce, Page } from "../types";
import { filtersOf, go, useParams } from "../url";

const REST = 1_000;
/** More are counted by the server; so many are drawn one by one without a stutter. */
const ALL_MAX = 2_000;
const LISTED_MAX = 150;
/** As many as a window shows; the others are made once the map is painted. */
const LISTED_FIRST = 14;
/** Fine enough to say where the most of it is; a war of the whole world has more cells than are answered, so then coarser. */
const WORLD_ZOOM = 6, COARSE_ZOOM = 3;
const BEHIND_MS = 2_000;

interface Found { features: Feature[]; total: number; unplaced: number; counted: Counted | null; behind: boolean }
type Query = readonly [string, string][];

const page = (query: Query, signal: AbortSignal): Promise<MapAnswer> => get<MapAnswer>("/v1/map.geojson", query, signal);

/** The first question of the view. */
export const CELLS = "/v1/map/clusters";
export const worldQuery = (filters: Query, zoom = WORLD_ZOOM): Query => [...filters, ["marks_max", String(ALL_MAX)], ["zoom", String(zoom)]];

const cells = (filters: Query, signal: AbortSignal, at: Looked): Promise<HeapsAnswer> =>
  get<HeapsAnswer>(CELLS, [...filters, ["zoom", String(at.zoom)], ["bbox", at.box.map((n) => n.toFixed(4)).join(",")]], signal);

const counted = (answer: HeapsAnswer, zoom: number): Counted => ({ heaps: answer.clusters, flows: answer.flows, zoom });

async function worldOf(filters: Query, signal: AbortSignal): Promise<[HeapsAnswer, number]> {
  try {
    return [await get<HeapsAnswer>(CELLS, worldQuery(filters), signal), WORLD_ZOOM];
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 400)) throw error;
    return [await get<HeapsAnswer>(CELLS, worldQuery(filters, COARSE_ZOOM), signal), COARSE_ZOOM];
  }
}

/** All incidents, or where they are too many how many there are where. */
async function ask(filters: Query, signal: AbortSignal): Promise<Found> {
  try {
    const [world, zoom] = await worldOf(filters, signal), { incidents: total, unplaced, features } = world;
    if (features) return { features: features.sort((a, b) => ms(b.properties.earliest) - ms(a.properties.earliest) || a.id.localeCompare(b.id)), total, unplaced, counted: null, behind: false };
    return { features: [], total, unplaced, counted: counted(world, zoom), behind: false };
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 503)) throw error;
    return await newestFirst(filters, signal); // the server has not counted them yet
  }
}

async function newestFirst(filters: Query, signal: AbortSignal): Promise<Found> {
  const features: Feature[] = [];
  let next: string | undefined, unplaced = 0;
  for (let asked = 0; asked < ALL_MAX; asked += REST) {
    const more: MapAnswer = await page([...filters, ["limit", String(REST)], ...(next ? [["cursor", next] as [string, string]] : [])], signal);
    features.push(...more.features);
    unplaced += more.unplaced;
    next = more.next;
    if (!next) break;
  }
  return { features, total: byIncident(features).length + unplaced, unplaced, counted: null, behind: Boolean(next) };
}

function camera(text: string | undefined): Camera | null {
  const [lon, lat, zoom] = (text ?? "").split(",").map(Number);
  return lon !== undefined && lat !== undefined && zoom !== undefined && [lon, lat, zoom].every(Number.isFinite) ? { lon, lat, zoom } : null;
}

function part(text: string | undefined): Box | null {
  const [west, south, east, north] = (text ?? "").split(",").map(Number);
  return west !== undefined && south !== undefined && east !== undefined && north !== undefined && [west, south, east, north].every(Number.isFinite) ? [west, south, east, north] : null;
}

function byIncident(features: readonly Feature[]): Marks[][] {
  const found = new Map<string, Marks[]>();
  for (const { properties } of features) {
    if (properties.role === "route") continue;
    const there = found.get(properties.incident_id);
    if (there) there.push(properties);
    else found.set(properties.incident_id, [properties]);
  }
  return [...found.values()];
}

export function Situation({ pulse, theme }: { pulse: number; theme: string }) {
  const p = useParams(), filters = filtersOf(p), key = JSON.stringify(filters), [tries, setTries] = useState(0);
  const map = useAnswer(`map ${key}`, (signal) => ask(filters, signal), (p["as_of"] ? 0 : pulse) + tries);
  useEffect(() => {
    if (!map.data?.behind) return;
    const timer = setTimeout(() => setTries((n) => n + 1), BEHIND_MS);
    return () => clearTimeout(timer);
  }, [map.data]);
  const [looked, setLooked] = useState<Looked | null>(null), world = map.data?.counted ?? null;
  const cellsNow = useAnswer(`cells ${key} ${world && looked ? `${looked.zoom} ${looked.box.join()}` : ""}`,
    async (signal) => (world && looked ? counted(await cells(filters, signal, looked), looked.zoom) : null), p["as_of"] ? 0 : pulse);
  const there = world && (cellsNow.data ?? world);
  const chosen = p["pick"] ?? null, near = p["near"], box = part(p["box"]);
  // What is only counted is listed by a question of its own: the newest, or those of the part that was chosen.
  const listing = box || world !== null, inside = useAnswer(`list ${key} ${box?.join() ?? ""} ${String(listing)}`, (signal) => (listing ? page([...filters, ...(box ? [["bbox", box.map((n) => n.toFixed(5)).join(",")] as [string, string]] : []), ["limit", String(LISTED_MAX)]], signal) : Promise.resolve(null)), p["as_of"] ? 0 : pulse);
  const features = map.data?.features ?? null;
  const incidents = useMemo(() => byIncident([...(listing ? inside.data?.features ?? [] : features ?? []), ...(there && chosen ? there.heaps.flatMap((h) => h.marks) : [])]), [features, inside.data, there, chosen, listing]);
  const pick = useCallback((ids: string[], at: Box | null) => {
    if (at) { go({ box: at.map((n) => n.toFixed(5)).join(","), pick: null, near: null }); return; }
    if (ids.length === 1) { go({ pick: ids[0] ?? null, near: null, box: null }); return; }
    if (!ids.length) { go({ pick: null, near: null, box: null }); return; }
    const chosenIds = new Set(ids), names = new Set(incidents.flat().filter((m) => chosenIds.has(m.incident_id) && m.role !== "destination").map((m) => m.place));
    go({ near: [...names].slice(0, 12).join("|"), pick: null, box: null });
  }, [incidents]);
  const moved = useCallback((to: Camera) => go({ map: `${to.lon.toFixed(3)},${to.lat.toFixed(3)},${to.zoom.toFixed(2)}` }, true), []);
  const places = near ? new Set(near.split("|")) : null;
  const listed = incidents.filter((marks) => (chosen ? marks[0]?.incident_id === chosen : !places || marks.some((m) => places.has(m.place))));
  const [rowsMax, setRowsMax] = useState(LISTED_FIRST);
  useEffect(() => { if (map.data) setRowsMax(LISTED_MAX); }, [map.data]);
  const rows = useMemo(() => listed.slice(0, rowsMax).map((marks) => <Row key={marks[0]?.incident_id} marks={marks} />), [incidents, chosen, near, rowsMax]);
  const all = !chosen && !near && !box, placed = map.data ? map.data.total - map.data.unplaced : 0;
  return (
    <div class="situation">
      <Measures filters={p["as_of"] ?? ""} pulse={pulse} />
      <div class="stage">
        <MapView features={features} counted={there} selected={chosen} theme={theme} start={camera(p["map"])} onMoved={moved} onLook={setLooked} onPick={pick} />
        {map.data === null && !map.error && <div class="over"><Loading /></div>}
        {map.error && <div class="over"><Trouble of={map} /></div>}
        {map.data && placed === 0 && <div class="over"><div class="empty">No incident with a known place {p["as_of"] ? "had been reported by then" : "matches"}. {filters.length > 0 && <button type="button" onClick={() => go({ from: null, to: null, q: null, kind: null, as_of: null, place: null, actor: null, source: null })}>Show everything</button>}</div></div>}
        <Legend />
      </div>
      <aside class="side" aria-label="Incidents">
        <h2>
          {chosen ? "Chosen" : box ? "In this part of the map" : near ? `At ${near.split("|").slice(0, 2).join(", ")}${near.split("|").length > 2 ? "…" : ""}` : "Incidents"} <small>{all && map.data ? number(placed) : box && inside.data?.next ? `more than ${LISTED_MAX}` : number(listed.length)}</small>
          {!all && <Go to={{ pick: null, near: null, box: null }} class="clear">show all</Go>}
        </h2>
        {map.data?.behind && <p class="note" role="status">The map is being brought up to date: these are the newest {number(incidents.length)}, the rest follows.</p>}
        {all && world && <p class="note">All are counted on the map, in rings. The newest are listed; choose a ring, or narrow the filters, for others.</p>}
        {(map.data === null && !map.error) || (listing && inside.data === null && !inside.error) ? <Loading /> : (
          rows.length > 0 ? <ul class="list">{rows}</ul> : !map.error && <p class="note">{placed > 0 ? "None of these is here." : "Nothing to list."}</p>
        )}
        {all && !world && listed.length > LISTED_MAX && <p class="note">and {number(listed.length - LISTED_MAX)} more; choose a mark on the map to see those of a place.</p>}
        {map.data !== null && map.data.unplaced > 0 && all && <p class="note">{plural(map.data.unplaced, "incident")} without a place that the gazetteer knows {map.data.unplaced === 1 ? "is" : "are"} on the <Go to={{ view: "timeline" }}>timeline</Go>.</p>}
      </aside>
    </div>
  );
}

/** A count as the server words it, with its thousands apart; nought is a claim too. */
const toldCount = (text: string): string => (text === "0 casualties" ? "nobody hurt or killed" : text.replace(/\d{4,}/g, (n) => number(Number(n))));

function Row({ marks }: { marks: Marks[] }) {
  const m = marks[0];
  if (!m) return null;
  const where = [...new Set(marks.map((x) => (x.role === "origin" ? `from ${x.place}` : x.role === "destination" ? `to ${x.place}` : x.relation === "in" ? x.place : `${x.relation.replaceAll("_", " ")} ${x.place}`)))].join(", ");
  return (
    <li>
      <Go to={{ view: "incident", id: m.incident_id, report: null, event: null }}>
        <span class="top"><Kind kind={m.kind} contested={m.contested} />{m.contested && <Contested />}</span>
        <span class="where">{where}{m.agents.length > 0 && <> · by {m.agents.slice(0, 2).join(", ")}</>}</span>
        {m.counts.length > 0 && <span class="counts">{m.counts.slice(0, 3).map(toldCount).join(" · ")}</span>}
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
