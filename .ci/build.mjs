// Builds dist/main.js, and beside it the parts that its commands load. Hundreds of modules, each sought, read and linked by
// itself, took a third of the time in which a daemon starts, and a command. tsc checks the types, and nothing here does.
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
// Of a former build; what is in dist/sim is built elsewhere.
rmSync(resolve(root, 'dist/parts'), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Add-ons that are built on the machine, and packages that read files beside themselves.
  external: ['koffi', 'netlink', 'raw-socket', 'pino', 'yargs'],
  banner: {
    // Packages of the older kind ask for Node's own modules by it.
    js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
  },
  logLevel: 'warning',
});
