import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PROBLEMS, parseConfig } from '../../../src/config/load.js';
import { edited, EXAMPLE, problemsOf } from './example.js';

const MANY_MISTAKES = `pair:
  nodes:
    lb1: { address: 10.77.1.1 }
    lb2: { address: 10.77.1.1 }
groups:
  - name: web
    interface: eth 0
    vird: 51
    advert_interval: 100
    addresses: [10.77.0.100/24, "fd77::100/129", 10.77.0.0/24]
    prefer: lb9
    prefer: lb1
  - name: web
proxy: { haproxy: { probe_timeout: 10ms } }
`;

describe('all mistakes of a file', () => {
  it('come at once, in the order of their lines', () => {
    expect(problemsOf(MANY_MISTAKES)).toEqual([
      'f:4: pair.nodes.lb2.address: found "10.77.1.1", expected another address than pair.nodes.lb1.address',
      'f:6: groups[0].vrid: found nothing, expected a virtual router id from 1 to 255',
      'f:7: groups[0].interface: found "eth 0", expected an interface name of at most 15 characters, such as eth0',
      'f:8: groups[0].vird: found an unknown key, expected a key among name, version, interface, vrid, advert_interval, addresses, instances, prefer, priority, failback, start_hold, unicast, unicast_peers, unicast_min_ttl, checksum, authentication, track, reachability, virtual_mac, accept, duplicate_probe, keep_connections, announce; did you mean vrid?',
      'f:9: groups[0].advert_interval: found 100, expected a duration with its unit, such as 100ms',
      'f:10: groups[0].addresses[1]: found "fd77::100/129", expected an address with its prefix length, such as 10.77.0.100/24 or fd77::100/64',
      'f:10: groups[0].addresses[2]: found "10.77.0.0/24", expected an address that a machine can hold, not the address of its network',
      'f:12: groups[0].prefer: found the same key again, expected each key once; the first is on line 11',
      'f:13: groups[1].interface: found nothing, expected an interface name of at most 15 characters, such as eth0',
      'f:13: groups[1].vrid: found nothing, expected a virtual router id from 1 to 255',
      'f:13: groups[1].addresses: found nothing, expected a list of 1 to 20 addresses',
      'f:13: groups[1].name: found "web", expected a name of its own; groups[0] has this one',
      'f:14: proxy.haproxy.config: found nothing, expected an absolute path of at most 4095 bytes, without a slash at its end',
      'f:14: proxy.haproxy.probe_timeout: found 10ms, expected not shorter than probe_every, 250ms',
    ]);
  });

  it('have parts that say where they are', () => {
    expect(parseConfig(edited('51', '0'), '/etc/vipair/vipair.yaml')).toEqual({
      ok: false,
      error: [
        {
          file: '/etc/vipair/vipair.yaml',
          line: 8,
          path: 'groups[0].vrid',
          found: '0',
          expected: 'a virtual router id from 1 to 255',
        },
      ],
    });
  });

  it('are cut where there are too many, with their number', () => {
    const unknown = Array.from({ length: MAX_PROBLEMS + 7 }, (_, key) => `k${String(key)}: 1\n`);
    const problems = problemsOf(`${EXAMPLE}${unknown.join('')}`);
    expect(problems).toHaveLength(MAX_PROBLEMS + 1);
    expect(problems.at(-1)).toBe(
      `f:${String(15 + MAX_PROBLEMS)}: found 7 more problems from here on, expected those above to be mended first`,
    );
  });
});

describe('a text that is no configuration', () => {
  it.each([
    ['an empty text', ''],
    ['a comment', '# nothing\n'],
  ])('%s is a mapping that is missing', (_what, text) => {
    expect(problemsOf(text)).toEqual([
      'f:1: found nothing, expected a mapping (keys: pair, groups, proxy, replicate, hooks, push, drills, services, runtime)',
    ]);
  });

  it('is refused and never thrown at, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), yamlNoise), (text) => {
        expect(parseConfig(text, 'f').ok).toBe(false);
      }),
    );
  });

  it('is told from the example by its mistakes alone, wherever it is cut or overwritten', () => {
    const place = fc.nat(EXAMPLE.length);
    fc.assert(
      fc.property(place, place, yamlNoise, (from, length, noise) => {
        const text = EXAMPLE.slice(0, from) + noise + EXAMPLE.slice(from + length);
        const parsed = parseConfig(text, 'f');
        expect(parsed.ok || parsed.error.length > 0).toBe(true);
      }),
    );
  });
});

const yamlNoise = fc
  .array(
    fc.constantFrom(
      ...['pair', 'nodes', 'groups', 'vrid', 'addresses', 'unicast', '__proto__', '<<', 'lb1'],
      ...[': ', ':', '- ', '? ', '[', ']', '{', '}', ', ', '&a ', '*a', '!!set ', '!x ', '|', '>'],
      ...['\n', '\n  ', '\n    ', '---\n', '...\n', '%YAML 1.1\n', '\t', '"', "'", '#', '\\'],
      ...['0', '51', '.nan', '~', '1s', '10.77.0.1', '::1', '\0', '\u2028', '\ud800', '\ufeff'],
    ),
    { maxLength: 60 },
  )
  .map((words) => words.join(''));
