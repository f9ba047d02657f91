/** The shape of a service whose connections the kernel passes on to servers: no proxy is in between. */
import { z } from 'zod';
import { millis } from '../../base/time.js';
import type { ServiceCheckConfig, ServiceCheckKind, ServiceConfig } from '../config.js';
import {
  absolutePath,
  address,
  durationBetween,
  listOf,
  mapping,
  matching,
  name,
  oneOf,
  PATH_BYTES,
  scriptArguments,
  userName,
  wholeNumber,
} from './kinds.js';

export const servicePort: z.ZodType<number> = wholeNumber('a port', { from: 1, to: 65_535 });
export const serverWeight: z.ZodType<number> = wholeNumber('a weight', { from: 0, to: 256 })
  // As HAProxy takes for 100 % in its own words; a share is all that counts.
  .prefault(100);
export const serverName: z.ZodType<string> = matching(
  /^[a-z0-9][a-z0-9._-]{0,31}$/u,
  'a name of at most 32 lower-case letters, digits, dots, underscores and hyphens',
);
export const serviceProtocol: z.ZodType<'tcp' | 'udp'> = oneOf(['tcp', 'udp']).prefault('tcp');

const server = mapping({
  name: serverName.describe('What commands and logs call it: SERVICE/NAME.'),
  address: address.describe('Its address, of the same family as the address of the service.'),
  port: servicePort.optional().describe("Its port: the service's, if not given."),
  weight: serverWeight.describe(
    'Its share of new connections, beside the weights of the others: 0 to 256; 0: none.',
  ),
});

const check = mapping({
  tcp: z
    .literal(true, { error: 'true' })
    .optional()
    .describe('Up while a TCP connection can be opened.'),
  http: matching(/^\/[\x21-\x7e]{0,255}$/u, 'a path of at most 256 characters, such as /health')
    .optional()
    .describe('Up while a GET of this path is answered with a status that is expected.'),
  tls: z
    .literal(true, { error: 'true' })
    .optional()
    .describe('Up while a TLS handshake succeeds. The certificate is not verified.'),
  script: absolutePath({ atMost: PATH_BYTES })
    .optional()
    .describe(
      'A program: up while it ends with 0 in time. The address and the port of the server follow its arguments.',
    ),
  host: matching(/^[A-Za-z0-9.:_[\]-]{1,253}$/u, 'the name of a host')
    .optional()
    .describe('The Host of the GET, or the name in the TLS handshake.'),
  status: matching(
    /^[1-5]\d\d(?:-[1-5]\d\d)?$/u,
    'a status such as 200, or a range such as 200-399',
  )
    .transform((text) => {
      const [from = 0, to = from] = text.split('-').map(Number);
      return { from, to };
    })
    .optional()
    .describe('Which statuses are expected: 200-399, if not given.'),
  args: scriptArguments.optional().describe('The arguments of the script; no shell reads them.'),
  user: userName.optional().describe('The user that the script runs as: nobody, if not given.'),
  port: servicePort.optional().describe("Another port than the server's, to be checked instead."),
  every: durationBetween({ from: millis(100), to: millis(3_600_000) })
    // As HAProxy's inter.
    .prefault('2s')
    .describe('How often each server is looked at, by each node.'),
  timeout: durationBetween({ from: millis(10), to: millis(60_000) })
    .prefault('1s')
    .describe('How long one look may take; not longer than the time between two.'),
  rise: wholeNumber('a number of looks', { from: 1, to: 100 })
    // As HAProxy's rise and fall.
    .prefault(2)
    .describe('How many good looks in a row bring a server back.'),
  fall: wholeNumber('a number of looks', { from: 1, to: 100 })
    .prefault(3)
    .describe('How many bad looks in a row take a server out.'),
});

type Check = z.infer<typeof check>;

/** Exactly one of these says what is looked at. */
const KINDS: readonly ServiceCheckKind['kind'][] = ['tcp', 'http', 'tls', 'script'];
/** Which further keys make sense for each. */
const KEYS: Readonly<Record<ServiceCheckKind['kind'], readonly string[]>> = {
  tcp: [],
  http: ['host', 'status'],
  tls: ['host'],
  script: ['args', 'user'],
};
const COMMON = ['port', 'every', 'timeout', 'rise', 'fall'];

const completeCheck = check.transform((value, context): ServiceCheckConfig => {
  const kinds = KINDS.filter((kind) => value[kind] !== undefined);
  const [kind, another] = kinds;
  const refuse = (path: readonly string[], message: string): never => {
    context.addIssue({ code: 'custom', path: [...path], message });
    return z.NEVER;
  };
  if (kind === undefined || another !== undefined) {
    // Beside `none` and a mapping, what is said of the whole would be lost.
    return refuse([another ?? 'tcp'], `exactly one of ${KINDS.join(', ')}`);
  }
  const allowed = [kind, ...KEYS[kind], ...COMMON];
  for (const key of Object.keys(value).filter((each) => !allowed.includes(each))) {
    refuse([key], `no such key beside ${kind}; it takes ${allowed.slice(1).join(', ')}`);
  }
  const { port, every, timeout, rise, fall } = value;
  if (timeout > every) {
    refuse(['timeout'], 'not longer than every: looks would wait for each other');
  }
  return { ...kindOf(kind, value), port, every, timeout, rise, fall };
});

function kindOf(kind: ServiceCheckKind['kind'], value: Check): ServiceCheckKind {
  switch (kind) {
    case 'tcp':
      return { kind };
    case 'http':
      return { kind, path: value.http ?? '/', host: value.host, status: value.status ?? EXPECTED };
    case 'tls':
      return { kind, host: value.host };
    case 'script':
      return {
        kind,
        path: value.script ?? '',
        args: value.args ?? [],
        user: value.user ?? 'nobody',
      };
    default:
      return kind satisfies never;
  }
}
/** As HAProxy's httpchk. */
const EXPECTED = { from: 200, to: 399 };

/** Where a TCP service says nothing of it. A UDP service cannot be asked whether it listens. */
const USUAL_CHECK: ServiceCheckConfig = {
  kind: 'tcp',
  port: undefined,
  every: millis(2000),
  timeout: millis(1000),
  rise: 2,
  fall: 3,
};

export const service: z.ZodType<ServiceConfig> = mapping({
  name: name.describe('What commands and logs call the service.'),
  address: address.describe('An address of a group, at which clients find the service.'),
  port: servicePort.describe('The port at which clients find it.'),
  protocol: serviceProtocol.describe('tcp or udp.'),
  mode: z
    .literal('kernel', { error: 'kernel' })
    .prefault('kernel')
    .describe(
      'kernel: the kernel translates the address of each packet (nftables, DNAT); the only one so far.',
    ),
  hash: oneOf(['flow', 'source'])
    .prefault('flow')
    .describe(
      "What chooses the server of a new connection: flow (address and port of both ends), or source (the client's address alone, so that a client stays with its server).",
    ),
  source: address
    .optional()
    .describe(
      "An address of the same group that servers see as the client ('full NAT'). Not given: they see the client, and must send their answers through the node.",
    ),
  servers: listOf(server, { from: 1, to: 64, of: 'servers' }).describe('Where it is served.'),
  check: z
    .union([z.literal('none'), completeCheck], { error: 'none, or a mapping' })
    .optional()
    .describe(
      'How servers are looked at. A TCP connection every 2s, if not given; of a UDP service, nothing.',
    ),
  drain_timeout: durationBetween({ from: millis(1000), to: millis(86_400_000) })
    // Long enough for downloads and for people at work, short enough for a maintenance window.
    .prefault('10m')
    .describe(
      'How long a server that is drained keeps its open connections before they are ended.',
    ),
  replicate_flows: z
    .boolean({ error: 'true or false' })
    .prefault(true)
    .describe(
      'Whether its connections are copied to the other node, so that they outlive this one.',
    ),
}).transform((each) => ({
  name: each.name,
  address: each.address,
  port: each.port,
  protocol: each.protocol,
  mode: each.mode,
  hash: each.hash,
  source: each.source,
  servers: each.servers.map((one) => ({ ...one, port: one.port ?? each.port })),
  check: checkOf(each.check, each.protocol),
  drainTimeout: each.drain_timeout,
  replicateFlows: each.replicate_flows,
}));

function checkOf(
  given: 'none' | ServiceCheckConfig | undefined,
  protocol: ServiceConfig['protocol'],
): ServiceCheckConfig | undefined {
  if (given === 'none') {
    return undefined;
  }
  return given ?? (protocol === 'tcp' ? USUAL_CHECK : undefined);
}
