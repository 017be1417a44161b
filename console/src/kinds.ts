// Kinds in families. A family has a shape and a colour; the shape alone tells them apart, and so does the colour for
// the common forms of colour blindness (hues after Okabe and Ito, darkened or lightened to the ground they stand on).
export type Shape = "triangle" | "square" | "diamond" | "pentagon" | "chevron" | "hexagon" | "circle" | "cross";
export interface Family { id: string; label: string; shape: Shape; light: string; dark: string; kinds: readonly string[] }

export const FAMILIES: readonly Family[] = [
  { id: "air", label: "From the air", shape: "triangle", light: "#b3410a", dark: "#ff9a5c", kinds: ["airstrike", "aircraft_downing", "airspace_violation"] },
  { id: "ground", label: "On the ground", shape: "square", light: "#8a2f5c", dark: "#f08fbd", kinds: ["shelling", "ground_combat", "bomb_attack"] },
  { id: "people", label: "People harmed or held", shape: "diamond", light: "#a1121f", dark: "#ff8a8a", kinds: ["killing", "detention", "casualty_report"] },
  { id: "forces", label: "Forces moving", shape: "chevron", light: "#5b5200", dark: "#d9c94a", kinds: ["troop_movement", "mobilization"] },
  { id: "flight", label: "People moving", shape: "circle", light: "#00608f", dark: "#6cc4f2", kinds: ["evacuation", "displacement"] },
  { id: "harm", label: "Damage and aid", shape: "hexagon", light: "#00694d", dark: "#4fd0a4", kinds: ["damage", "humanitarian_appeal"] },
  { id: "bans", label: "Bans and closures", shape: "cross", light: "#4a4e9c", dark: "#b0b4ff", kinds: ["flight_ban", "broadcast_ban", "border_closure", "sanction"] },
  { id: "words", label: "Words and talks", shape: "pentagon", light: "#545e68", dark: "#b4bec8", kinds: ["ceasefire", "talks", "statement", "denial"] },
];

const OF_KIND = new Map(FAMILIES.flatMap((family) => family.kinds.map((kind) => [kind, family] as const)));
const LAST = FAMILIES[FAMILIES.length - 1] as Family;

export const familyOf = (kind: string): Family => OF_KIND.get(kind) ?? LAST;

export function words(code: string): string {
  const text = code.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The outline of a shape of this radius around a point, as corners; null for a circle. */
export function corners(shape: Shape, x: number, y: number, r: number): [number, number][] | null {
  const regular = (n: number, turn: number, size = r): [number, number][] =>
    Array.from({ length: n }, (_, i) => {
      const angle = turn + (i * 2 * Math.PI) / n;
      return [x + size * Math.cos(angle), y + size * Math.sin(angle)];
    });
  switch (shape) {
    case "circle": return null;
    case "triangle": return regular(3, -Math.PI / 2, r * 1.22);
    case "square": return regular(4, Math.PI / 4, r * 1.2);
    case "diamond": return regular(4, 0, r * 1.2);
    case "pentagon": return regular(5, -Math.PI / 2, r * 1.08);
    case "hexagon": return regular(6, 0, r * 1.08);
    case "chevron": return [[-1, -1], [0.15, -1], [1.15, 0], [0.15, 1], [-1, 1], [-0.1, 0]].map(([dx, dy]) => [x + (dx ?? 0) * r, y + (dy ?? 0) * r]);
    case "cross": {
      const a = r * 0.42, b = r * 1.1;
      return ([[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]] as const).map(([dx, dy]) => [x + dx, y + dy]);
    }
  }
}
