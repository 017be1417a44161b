// Turning TopoJSON into lines takes half a second for the fine map, so it is done beside the page.
import type { Topology } from "topojson-specification";
import { groundOf, type Countries, type Packed } from "./topology";

addEventListener("message", (message: MessageEvent<string>) => {
  void (async () => {
    const ground = groundOf((await (await fetch(message.data)).json()) as Topology<Countries>);
    const parts = Object.values(ground) as Packed[];
    postMessage(ground, { transfer: parts.flatMap((p) => [p.points.buffer, p.rings.buffer, p.shapes.buffer, p.boxes.buffer]) });
  })().catch(() => postMessage(null));
});
