import { defineConfig } from "vite";
import { coarseGround } from "./ground";

// Preact needs no plugin: esbuild compiles its JSX. Everything is a file of our own with a digest in its name, and
// nothing is inlined, so that the content security policy can say 'self' and no more.
export default defineConfig({
  base: "/console/",
  plugins: [coarseGround()],
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  worker: { format: "es" },
  build: {
    outDir: "../services/projection/console",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 300,
  },
});
