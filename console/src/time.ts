// Times are shown in UTC: sources of one conflict sit in several zones, and a link must read the same everywhere.
// Numbers and times are written by hand, since the browser's formatters take a tenth of the first view to be made.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"] as const;
const two = (n: number): string => String(n).padStart(2, "0");

export const HOUR_MS = 3_600_000;

/** 1,234,567 */
export const number = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

export function shortDay(text: string | number): string {
  const at = new Date(text);
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ""}`;
}
export const day = (text: string | number): string => `${shortDay(text)} ${new Date(text).getUTCFullYear()}`;
export function clock(text: string | number): string {
  const at = new Date(text);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}
/** What is no time (an address may hold anything) is shown as it is. */
const timed = (text: string | number, onDay: (text: string | number) => string): string => (Number.isNaN(new Date(text).getTime()) ? String(text) : `${onDay(text)}, ${clock(text)}`);
export const moment = (text: string | number): string => timed(text, day);
export const shortMoment = (text: string | number): string => timed(text, shortDay);
export const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
export const ms = (text: string): number => Date.parse(text);

/** When something happened, no finer than it was said. */
export function span(earliest: string, latest: string, dated: boolean): string {
  if (!dated) return `not said; reported ${moment(earliest)}`;
  const from = ms(earliest), to = ms(latest);
  if (to - from <= HOUR_MS / 30) return moment(from);
  if (to - from <= 26 * HOUR_MS && day(from) === day(to - 1)) return to - from >= 23 * HOUR_MS ? day(from) : `${day(from)}, ${clock(from)}–${clock(to)}`;
  if (to - from <= 26 * HOUR_MS) return `${shortMoment(from)} – ${shortMoment(to)}`;
  return `${shortDay(from)} – ${day(to - 1)}`;
}
