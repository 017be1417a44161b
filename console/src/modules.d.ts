/** Made by ground.ts. */
declare module "virtual:coarse-ground" {
  const url: string;
  export default url;
}
/** All that the build asks of Node; its own types are a large package. */
declare module "node:fs" {
  export function readFileSync(path: URL, encoding: "utf-8"): string;
}
