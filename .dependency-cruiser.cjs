/** Who may import whom. Read top to bottom: each layer may import the ones listed, and nothing else of ours. */
const layers = {
  base: [],
  wire: ['base'],
  core: ['base', 'wire'],
  explain: ['base', 'wire', 'core', 'telemetry'],
  config: ['base', 'core'],
  migration: ['base', 'core', 'config'],
  ports: ['base', 'wire', 'core'],
  telemetry: ['base', 'core'],
  os: ['base', 'wire', 'core', 'ports', 'telemetry'],
  engine: ['base', 'wire', 'core', 'config', 'ports', 'telemetry'],
  health: ['base', 'core', 'config', 'ports'],
  services: ['base', 'wire', 'core', 'config', 'ports', 'telemetry', 'health'],
  record: ['base', 'core', 'ports', 'telemetry'],
  hooks: ['base', 'core', 'config', 'ports', 'telemetry'],
  doctor: ['base', 'wire', 'core', 'ports', 'telemetry'],
  proxy: ['base', 'wire', 'core', 'config', 'ports', 'telemetry'],
  pair: ['base', 'wire', 'core', 'config', 'ports', 'telemetry'],
  replication: ['base', 'wire', 'core', 'config', 'ports', 'telemetry'],
  operator: ['base', 'wire', 'core', 'explain', 'ports', 'telemetry'],
  generation: ['base', 'wire', 'core', 'config', 'ports', 'telemetry'],
  push: ['base', 'wire', 'core', 'config', 'ports', 'telemetry'],
  tables: ['base', 'wire', 'core', 'ports', 'telemetry', 'pair'],
  flows: ['base', 'wire', 'core', 'ports', 'telemetry', 'pair'],
  api: ['base', 'core', 'telemetry', 'operator'],
  prober: ['base', 'ports'],
  drill: ['base', 'core', 'config', 'ports', 'telemetry', 'prober'],
  lab: ['base', 'wire', 'config', 'ports', 'telemetry', 'prober', 'drill', 'api'],
  cli: [
    'base',
    'core',
    'explain',
    'config',
    'migration',
    'doctor',
    'ports',
    'telemetry',
    'prober',
    'drill',
    'lab',
    'operator',
    'api',
  ],
};

/**
 * A third-party package has one doorway into the code: a file, or a folder that holds one idea. What reads the shape of
 * strangers' values has two: those of the configuration, and those of the pair channel.
 */
const doorways = {
  'raw-socket': 'src/os/advert-socket.ts',
  netlink: 'src/os/netlink.ts',
  execa: 'src/os/process-host.ts',
  koffi: 'src/os/libc.ts',
  pino: 'src/telemetry/log.ts',
  yaml: 'src/config/document.ts',
  zod: ['src/config/schema/', 'src/wire/pair/'],
  '@msgpack/msgpack': 'src/wire/pair/message-pack.ts',
  yargs: 'src/cli/program/',
  hono: 'src/api/server.ts',
  '@hono/node-server': 'src/api/server.ts',
  'cli-table3': 'src/cli/table.ts',
  picocolors: 'src/cli/paint.ts',
};

/** Only these may load a Node built-in; everything else can run inside a simulation. */
const pure = '^src/(?!os/|api/|cli/|lab/|prober/|main\\.ts$|run-program\\.ts$)';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-barrels', severity: 'error', from: {}, to: { path: '^src/.*/index\\.ts$' } },
    {
      name: 'only-edges-touch-node',
      severity: 'error',
      comment:
        'Sockets, files, processes and timers enter through src/os, src/api and src/cli; hashing does no I/O.',
      from: { path: pure },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|crypto)$' },
    },
    {
      name: 'daemon-is-portable',
      severity: 'error',
      comment:
        'The composition roots receive their ports, so that test/sim can start two of them in one process.',
      from: { path: '^src/(daemon|replicator|flow-replicator)\\.ts$' },
      to: { path: '^src/(os|cli)/' },
    },
    ...Object.entries(layers).map(([layer, allowed]) => ({
      name: `layer-${layer}`,
      severity: 'error',
      from: { path: `^src/${layer}/` },
      to: { path: '^src/', pathNot: `^src/(${[layer, ...allowed].join('|')})/` },
    })),
    ...Object.entries(doorways).map(([pkg, file]) => ({
      name: `doorway-${pkg}`,
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [file]
          .flat()
          .map((each) => `^${each.replaceAll('.', '\\.')}${each.endsWith('/') ? '' : '$'}`),
      },
      to: { path: `^node_modules/${pkg}/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
