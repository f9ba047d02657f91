/**
 * The shape of the configuration file: every key, what it accepts, and its default with the reason for it.
 * Longer than our aim, because only this file knows the schema library.
 */
import { z } from 'zod';
import type { Result } from '../base/result.js';
import type { Millis } from '../base/time.js';
import { millis, millisToCentis } from '../base/time.js';
import { AN_ADDRESS, A_CIDR, readAddress, readCidr } from './address-text.js';
import type { Config } from './config.js';
import type { Draft, Reader } from './draft.js';
import { readDraft } from './draft.js';
import { A_DURATION, DURATION_PATTERN, formatDuration, parseDuration } from './duration.js';
import type { Finding } from './problem.js';
import { findingsOf, listKeys } from './shape-findings.js';

/** The configuration, or else why there is none. Either way, what could be read of it. */
export interface Reading {
  /** Undefined when there are findings. */
  readonly config: Config | undefined;
  readonly findings: readonly Finding[];
  readonly draft: Draft;
}

/** Reads the plain value of a whole file. */
export function readShape(value: unknown): Reading {
  const parsed = file.safeParse(value);
  return {
    config: parsed.success ? parsed.data : undefined,
    findings: parsed.success ? [] : findingsOf(parsed.error.issues, value),
    draft: readDraft(value, {
      name: reader(name),
      interface: reader(interfaceName),
      vrid: reader(vrid),
      address: reader(address),
      cidr: reader(cidr),
      burstAgainAfter: reader(burstAgainAfter),
      refreshEvery: reader(refreshEvery),
      probeEvery: reader(probeEvery),
      probeTimeout: reader(probeTimeout),
    }),
  };
}

/** The same shape as a JSON schema. */
export function editorSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(file, { io: 'input' });
}

/** `sun_path` has 108, the last of them zero (unix(7)). */
const SOCKET_PATH_BYTES = 107;
/** PATH_MAX is 4096, the last of them zero. */
const PATH_BYTES = 4095;
const CONTROL_SOCKET = '/control.sock';

// The kinds of value.

const name = matching(
  /^[a-z0-9][a-z0-9-]{0,31}$/u,
  'a name of at most 32 lower-case letters, digits and hyphens',
);
// The kernel keeps 16 bytes for a name, the last of them zero, and forbids these characters (dev_valid_name).
const interfaceName = matching(
  /^(?!\.{1,2}$)[^\s/:]{1,15}$/u,
  'an interface name of at most 15 characters, such as eth0',
);
const address = converted(readAddress, AN_ADDRESS);
const cidr = converted(readCidr, A_CIDR);

// The keys, in the order of the file.

const node = mapping({
  address: address.describe(
    "The node's own address: on a dedicated link where there is one, or else on the LAN. It tells a node who it is.",
  ),
});

const pair = mapping({
  nodes: z
    .record(name, node, { error: 'a mapping of two nodes, name to address' })
    // How many there are is checked with the cross-field rules: zod counts only the keys that are names.
    .meta({ minProperties: 2, maxProperties: 2 })
    .transform((nodes) => Object.entries(nodes).map(([key, each]) => ({ name: key, ...each })))
    .describe('The two nodes by name. The same file goes on both.'),
});

const anHour = millis(3_600_000);
const burstAgainAfter = durationBetween({ from: millis(100), to: anHour })
  // As keepalived's vrrp_garp_master_delay: a switch that was still converging has a second chance.
  .prefault('5s');
const refreshEvery = durationBetween({ from: millis(1000), to: anHour })
  // A neighbour that missed both bursts is wrong for a minute at most; one frame a minute costs nothing.
  .prefault('60s');

const announce = mapping({
  burst: wholeNumber('a number of announcements', { from: 1, to: 20 })
    // As keepalived's vrrp_garp_master_repeat: a single frame may be lost, and nobody would repeat it.
    .prefault(5)
    .describe('How many gratuitous ARP announcements follow one another at a takeover.'),
  burst_again_after: burstAgainAfter.describe(
    'How long after the first burst a second one is sent, such as 5s.',
  ),
  refresh_every: refreshEvery.describe(
    'How often the holder announces its addresses again, such as 60s.',
  ),
}).transform((each) => ({
  burst: each.burst,
  burstAgainAfter: each.burst_again_after,
  refreshEvery: each.refresh_every,
}));

const vrid = wholeNumber('a virtual router id', { from: 1, to: 255 });

// 12 bits of hundredths of a second (RFC 9568 §5.2.7); below 10ms there is none.
const advertInterval = durationBetween({
  from: millis(10),
  to: millis(40_950),
  step: millis(10),
}).transform(millisToCentis);

const group = mapping({
  name: name.describe('What commands and logs call the group.'),
  interface: interfaceName.describe('The interface that holds the addresses, such as eth0.'),
  vrid: vrid.describe(
    'The virtual router id, 1 to 255: unique on the LAN, the same on both nodes.',
  ),
  advert_interval: advertInterval
    // The default of RFC 9568 §6.1 and of keepalived, so that a mixed pair agrees without being told.
    .prefault('1s')
    .describe(
      'How often the master advertises, 10ms to 40.95s. A dead master is missed after about three.',
    ),
  addresses: listOf(cidr, { from: 1, to: 20, of: 'addresses' }).describe(
    'The virtual addresses, which move together, such as 10.77.0.100/24.',
  ),
  prefer: name
    .optional()
    .describe(
      'The node that wins when both are fit and nobody holds the group. The first, if not given.',
    ),
  failback: oneOf(['never'])
    // A node that comes back may be about to fall again, and every move breaks connections.
    .prefault('never')
    .describe('Whether a preferred node that comes back takes the group back. Only `never` today.'),
  unicast: z
    .record(z.string(), address, {
      error: "a mapping of both nodes, name to the node's LAN address",
    })
    .transform((nodes) => new Map(Object.entries(nodes)))
    .optional()
    .describe("Each node's own LAN address by node name, for networks that carry no multicast."),
  checksum: oneOf(['with-pseudo-header', 'without-pseudo-header'])
    // As keepalived sends it for IPv4; RFC 9568 §5.2.8 leaves it out. What is received may be either.
    .prefault('with-pseudo-header')
    .describe('The form of the checksum in IPv4 adverts we send: as keepalived, or as RFC 9568.'),
  announce: announce.prefault({}).describe('How the neighbours are told of a takeover.'),
}).transform((each) => ({
  name: each.name,
  interface: each.interface,
  vrid: each.vrid,
  advertInterval: each.advert_interval,
  addresses: each.addresses,
  prefer: each.prefer,
  failback: each.failback,
  unicast: each.unicast,
  checksum: each.checksum,
  announce: each.announce,
}));

const probe = durationBetween({ from: millis(10), to: millis(60_000) });
// A probe costs the proxy well under a millisecond; four a second find a hung one soon enough.
const probeEvery = probe.prefault('250ms');
// Longer than the pauses of a busy but healthy proxy, so that load alone never moves the addresses.
const probeTimeout = probe.prefault('1s');

const haproxy = mapping({
  program: absolutePath({ atMost: PATH_BYTES })
    // Where Debian, Ubuntu, Fedora and their kin install it.
    .prefault('/usr/sbin/haproxy')
    .describe('The HAProxy program.'),
  config: absolutePath({ atMost: PATH_BYTES }).describe("HAProxy's own configuration file."),
  run: oneOf(['supervised'])
    .prefault('supervised')
    .describe('Who starts HAProxy: vipair does. The only value today.'),
  probe_every: probeEvery.describe(
    'How often the proxy is asked whether it answers, such as 250ms.',
  ),
  probe_timeout: probeTimeout.describe(
    'How long it may take before it counts as hung, such as 1s.',
  ),
}).transform((each) => ({
  kind: 'haproxy' as const,
  program: each.program,
  config: each.config,
  run: each.run,
  probeEvery: each.probe_every,
  probeTimeout: each.probe_timeout,
}));

const runtime = mapping({
  directory: absolutePath({ atMost: SOCKET_PATH_BYTES - CONTROL_SOCKET.length })
    // A memory file system on every distribution, empty after a boot, and what systemd's RuntimeDirectory= makes.
    .prefault('/run/vipair')
    .describe('Where a running daemon keeps its state, on a memory file system.'),
  control_socket: absolutePath({ atMost: SOCKET_PATH_BYTES })
    .optional()
    .describe(
      'Where the daemon listens for commands: control.sock in the directory, if not given.',
    ),
}).transform((each) => ({
  directory: each.directory,
  // Beside the state, so that two daemons with two directories never meet.
  controlSocket: each.control_socket ?? `${each.directory}${CONTROL_SOCKET}`,
}));

const file = mapping({
  pair: pair.describe('The two nodes.'),
  groups: listOf(group, { from: 1, to: 16, of: 'groups' }).describe(
    'Groups of virtual addresses; each moves on its own.',
  ),
  proxy: mapping({ haproxy: haproxy.describe('HAProxy, on both nodes.') })
    .transform((each) => each.haproxy)
    .optional()
    .describe('The proxy behind the addresses. None, if not given: the addresses move alone.'),
  runtime: runtime.prefault({}).describe('Where a running daemon keeps its own files.'),
}).transform((each) => ({
  pair: each.pair,
  groups: each.groups,
  proxy: each.proxy,
  runtime: each.runtime,
}));

// How a kind of value is made. The message of each is what was expected, whichever way a value fails.

/** A mapping with these keys and no others. */
function mapping<Shape extends z.core.$ZodShape>(shape: Shape) {
  const keys = listKeys(Object.keys(shape));
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys : `a mapping (keys: ${keys})`),
  });
}

function listOf<Item extends z.ZodType>(
  item: Item,
  size: { readonly from: number; readonly to: number; readonly of: string },
) {
  const expected = `a list of ${String(size.from)} to ${String(size.to)} ${size.of}`;
  return z.array(item, { error: expected }).min(size.from, expected).max(size.to, expected);
}

function oneOf<const Word extends string>(words: readonly Word[]) {
  return z.enum(words, { error: words.join(' or ') });
}

function wholeNumber(what: string, range: { readonly from: number; readonly to: number }) {
  const expected = `${what} from ${String(range.from)} to ${String(range.to)}`;
  return z.int({ error: expected }).min(range.from, expected).max(range.to, expected);
}

function matching(pattern: RegExp, expected: string) {
  return z.string({ error: expected }).regex(pattern, { error: expected });
}

function absolutePath(limit: { readonly atMost: number }) {
  const expected = `an absolute path of at most ${String(limit.atMost)} bytes, without a slash at its end`;
  // eslint-disable-next-line no-control-regex -- a path ends at a zero, and a line break in one is a mistake.
  return matching(/^(?:\/[^/\u0000-\u001f]+)+$/u, expected).refine(
    (path) => new TextEncoder().encode(path).length <= limit.atMost,
    { error: expected },
  );
}

/** A text that stands for something else. */
function converted<Value>(read: (text: string) => Result<Value, string>, expected: string) {
  return z.string({ error: expected }).transform((text, context) => {
    const value = read(text);
    if (value.ok) {
      return value.value;
    }
    context.addIssue({ code: 'custom', message: value.error });
    return z.NEVER;
  });
}

function durationBetween(limits: {
  readonly from: Millis;
  readonly to: Millis;
  /** Only whole multiples of it. */
  readonly step?: Millis;
}) {
  const range = `a duration from ${formatDuration(limits.from)} to ${formatDuration(limits.to)}`;
  const steps = limits.step === undefined ? '' : `, in steps of ${formatDuration(limits.step)}`;
  return matching(DURATION_PATTERN, A_DURATION).transform((text, context) => {
    const duration = parseDuration(text);
    const fits =
      duration.ok &&
      duration.value >= limits.from &&
      duration.value <= limits.to &&
      duration.value % (limits.step ?? duration.value) === 0;
    if (fits) {
      return duration.value;
    }
    context.addIssue({ code: 'custom', message: `${range}${steps}` });
    return z.NEVER;
  });
}

/** Reads one value apart from all others. */
function reader<Value>(field: z.ZodType<Value>): Reader<Value> {
  return (value) => field.safeParse(value).data;
}
