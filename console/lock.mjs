// npm run lock: resolve again, and take the addresses out of package-lock.json: whoever installs names the registry.
// (npm's own omit-lockfile-registry-resolved drops the versions of other platforms' packages, and `npm ci` then fails.)
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

execFileSync("npm", ["install", "--package-lock-only", "--loglevel=error"], { stdio: "inherit" });
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const entry of Object.values(lock.packages)) delete entry.resolved;
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
