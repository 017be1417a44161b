// Made while building: the coarse map as plain numbers, so that the first view waits for no JSON to be read and no
// lines to be put together. Beside it, what the fine map is made of in the page (src/map/worker.ts) stays TopoJSON.
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import type { Topology } from "topojson-specification";
import { groundOf, type Countries } from "./src/map/topology";
import { packed } from "./src/map/packed";

const SOURCE = "node_modules/world-atlas/countries-50m.json";
const ID = "virtual:coarse-ground";

/** `import url from "virtual:coarse-ground"` gives the address of the file. */
export function coarseGround(): Plugin {
  const make = (): Uint8Array => packed(groundOf(JSON.parse(readFileSync(new URL(SOURCE, import.meta.url), "utf-8")) as Topology<Countries>));
  let serving = false;
  return {
    name: "coarse-ground",
    configResolved: (config) => { serving = config.command === "serve"; },
    configureServer: (server) => {
      server.middlewares.use("/console/coarse.bin", (_, answer) => { answer.end(make()); });
    },
    // Asked for while the script is still on its way.
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) => Object.keys(bundle ?? {}).filter((name) => name.endsWith(".bin"))
        .map((name) => ({ tag: "link", attrs: { rel: "preload", as: "fetch", crossorigin: "", href: `/console/${name}` }, injectTo: "head" as const })),
    },
    resolveId: (id) => (id === ID ? `\0${ID}` : null),
    load(id) {
      if (id !== `\0${ID}`) return null;
      if (serving) return 'export default "/console/coarse.bin"';
      const file = this.emitFile({ type: "asset", name: "ground.bin", source: make() });
      return `export default import.meta.ROLLUP_FILE_URL_${file}`;
    },
  };
}
