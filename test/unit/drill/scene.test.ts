import { describe, expect, it } from 'vitest';
import { planDrill } from '../../../src/core/drill-plan.js';
import { objections } from '../../../src/core/drill-preflight.js';
import type { Gathered } from '../../../src/drill/scene.js';
import { factsOf, sceneOf, serversIn, spentIn } from '../../../src/drill/scene.js';
import { settledIn } from '../../../src/drill/settled.js';
import type { DrillReport } from '../../../src/telemetry/drill.js';
import type { NodeTables } from '../../../src/telemetry/tables.js';
import { millis } from '../../../src/base/time.js';
import { fail, ok } from '../../../src/base/result.js';
import { configOf, EXAMPLE } from '../config/example.js';
import { BEFORE, givenHand, givenReport, MOVED } from './given-drill.js';

const HAPROXY = `
frontend web
  bind :80
backend web
  server web1 10.77.0.21:8080 check
  server web2 [fd77::22]:8080
  server named www.site:80
  server any 10.77.0.23
`;

function gathered(change: Partial<Gathered> = {}): Gathered {
  const config = configOf(EXAMPLE);
  const [group] = config.groups;
  if (group === undefined) {
    throw new Error('the example has a group');
  }
  return {
    config,
    group,
    report: BEFORE,
    haproxy: HAPROXY,
    tables: undefined,
    drills: { node: 'lb2', here: undefined, there: undefined, problem: undefined },
    kept: [],
    processors: 2,
    stateDisk: 'shared',
    now: new Date(2026, 2, 1, 3, 0),
    ...change,
  };
}

const equal = (node: string, verdict: 'equal' | 'differs' = 'equal'): NodeTables =>
  ({
    node,
    replication: {
      report: { link: { state: 'up' }, tables: [{ name: 'web', verified: { verdict } }] },
    },
    unknown: undefined,
    omitted: 0,
    audits: [],
  }) as unknown as NodeTables;

describe('the scene of a drill', () => {
  it('has the roles of the nodes, and what they can do', () => {
    const scene = sceneOf(gathered());
    expect(scene).toMatchObject({ group: 'web', master: 'lb1', backup: 'lb2', processors: 2 });
    expect([...scene.has].toSorted()).toEqual([
      'channel',
      'proxy',
      'ready-backup',
      'servers',
      'supervised-proxy',
    ]);
    expect(sceneOf(gathered({ report: MOVED }))).toMatchObject({ master: 'lb2', backup: 'lb1' });
  });

  it('knows whether a node can find that it is cut off, and whether the preferred one takes back', () => {
    const { config, group, ...rest } = gathered();
    const track = group.track.filter(({ thing }) => thing.kind !== 'neighbours');
    const rhythm = { every: millis(1000), timeout: millis(500), rise: 1, fall: 3 };
    const thing = { kind: 'neighbours' as const, ...rhythm, interface: 'eth0', addresses: [] };
    const watching = {
      ...group,
      failback: { kind: 'after' as const, stableFor: millis(60_000) },
      track: [
        {
          name: 'gateway',
          thing,
          consequence: { kind: 'fault' as const },
        },
      ],
    };
    const unwatched = sceneOf({ ...rest, config, group: { ...group, track } });
    expect(unwatched.has.has('reachability')).toBe(false);
    const watched = sceneOf({ ...rest, config, group: watching });
    expect(watched.has.has('reachability')).toBe(true);
    expect([unwatched.failback, watched.failback]).toEqual(['when asked', 'by itself']);
  });

  it('has no proxy of its own where systemd runs it', () => {
    const { config, ...rest } = gathered();
    const proxy = { ...config.proxy!, run: 'systemd' as const };
    const { has } = sceneOf({ ...rest, config: { ...config, proxy } });
    expect([has.has('proxy'), has.has('supervised-proxy')]).toEqual([true, false]);
  });

  it('has more where there is more', () => {
    const has = sceneOf(
      gathered({ tables: [equal('lb1'), equal('lb2')], stateDisk: 'own', haproxy: undefined }),
    ).has;
    expect([...has].toSorted()).toEqual([
      'all-servers',
      'channel',
      'proxy',
      'ready-backup',
      'state-disk',
      'supervised-proxy',
      'tables',
    ]);
    expect(sceneOf(gathered({ tables: [equal('lb1', 'differs')] })).has.has('tables')).toBe(false);
  });

  it('knows servers by the addresses of haproxy.cfg alone', () => {
    expect(serversIn(HAPROXY)).toEqual({
      servers: [
        { name: 'web/web1', address: '10.77.0.21', port: 8080 },
        { name: 'web/web2', address: 'fd77::22', port: 8080 },
      ],
      byName: ['web/named, which is www.site:80', 'web/any, which is 10.77.0.23'],
    });
    const templates =
      'backend b\n  server-template s 1-9 app.internal:80\n  server t ipv4@10.0.0.1:80\n';
    expect(serversIn(templates)).toEqual({
      servers: [{ name: 'b/t', address: '10.0.0.1', port: 80 }],
      byName: ['b/s, which is app.internal:80'],
    });
  });

  it('takes all servers from nobody who has some by name, or too many', () => {
    const asked = { name: 'backend-down-pair', consent: 'usual', limits: {} } as const;
    const refusal = (haproxy: string): string => {
      const planned = planDrill(asked, sceneOf(gathered({ haproxy })));
      return planned.ok ? '' : planned.error.join('; ');
    };
    expect(refusal(HAPROXY)).toContain('web/named, which is www.site:80; web/any');
    const many = (count: number) => 'backend b\n' + '  server s 10.0.0.1:80\n'.repeat(count);
    expect(refusal(many(129))).toContain('has 129 servers, and 128 can be cut off');
    expect(refusal(many(128))).not.toContain('servers');
    const named = 'backend b\n  server s 10.0.0.1:80\n' + '  server n name:80\n'.repeat(7);
    expect(refusal(named)).toMatch(/name:80; and 2 more/u);
  });
});

describe('what may speak against a drill', () => {
  const said = (change: Partial<Gathered>): readonly string[] =>
    objections(factsOf(gathered(change)));

  it('is nothing where the pair is well', () => {
    expect(said({})).toEqual([]);
  });

  it.each<readonly [string, Partial<Gathered>, RegExp]>([
    ['two masters', { report: givenReport({ lb1: 'master', lb2: 'master' }) }, /both nodes say/u],
    [
      'a fault of another group, which shares node and link',
      {
        report: {
          ...BEFORE,
          groups: [
            ...BEFORE.groups,
            { ...BEFORE.groups[0]!, name: 'mail', role: 'fault', fault: 'link down' },
          ],
        },
      },
      /lb2 is not fit: mail: link down/u,
    ],
    [
      'a fault',
      { report: givenReport({ lb1: 'master', lb2: 'fault' }) },
      /lb2 is not fit: link down/u,
    ],
    [
      'a drill under way',
      {
        drills: {
          node: 'lb2',
          here: givenHand('lb2', { phase: 'fired' }),
          there: undefined,
          problem: undefined,
        },
      },
      /the drill proxy-crash is under way on lb2/u,
    ],
    [
      'tables',
      { tables: [equal('lb1', 'differs')] },
      /stick tables are not the same.*lb1: web differs/u,
    ],
    [
      'a proxy that does not serve',
      {
        report: givenReport(
          { lb1: 'master', lb2: 'backup' },
          { proxy: { state: 'ended', pid: undefined, cause: undefined, recentDeaths: 1 } },
        ),
      },
      /lb2 is not fit: its proxy is ended/u,
    ],
    [
      'drills that are forbidden',
      { config: configOf(`${EXAMPLE}drills: { enabled: false }\n`) },
      /lets no drill make faults/u,
    ],
    [
      'another hour',
      { config: configOf(`${EXAMPLE}drills: { windows: ["mon 02:00-05:00"] }\n`) },
      /only at: mon 02:00-05:00/u,
    ],
    [
      'a budget that is spent',
      {
        config: configOf(`${EXAMPLE}drills: { budget: { failed: 5, days: 2 } }\n`),
        kept: [
          { startedAt: new Date(2026, 2, 1).getTime(), figures: { failed: 5 } },
        ] as unknown as DrillReport[],
      },
      /have failed 5 requests within 2 days/u,
    ],
    [
      'a plan',
      {
        report: givenReport(
          { lb1: 'master', lb2: 'backup' },
          {
            schedules: [
              {
                group: 'web',
                at: new Date(2026, 2, 1, 3, 5).getTime(),
                state: 'planned',
                to: 'lb2',
                why: '',
                said: { by: 'lb1', at: 0 },
              },
            ],
          },
        ),
      },
      /a switchover is planned: web at/u,
    ],
  ])('is %s', (_what, change, objection) => {
    expect(said(change)).toHaveLength(1);
    expect(said(change)[0]).toMatch(objection);
  });

  it('is not what drills cost long ago', () => {
    const kept = [
      { startedAt: 0, figures: { failed: 5 } },
      { startedAt: new Date(2026, 2, 1).getTime(), figures: { failed: undefined } },
    ] as unknown as DrillReport[];
    expect(spentIn(kept, 2, new Date(2026, 2, 1, 3))).toBe(0);
  });
});

describe('a pair between two drills', () => {
  const none = ok(undefined);

  it('is settled with one master, one backup, and all else the same', () => {
    expect(settledIn('web', ok(BEFORE), none)).toEqual([]);
    expect(settledIn('web', ok(MOVED), ok([equal('lb1'), equal('lb2')]))).toEqual([]);
  });

  it('is not otherwise, and says what is missing', () => {
    expect(settledIn('web', fail('no daemon answers'), none)).toEqual(['no daemon answers']);
    expect(settledIn('web', ok(givenReport({ lb1: 'backup', lb2: 'backup' })), none)).toEqual([
      'masters: none',
    ]);
    expect(settledIn('web', ok(givenReport({ lb1: 'fault', lb2: 'master' })), none)).toEqual([
      'lb1 is fault',
    ]);
    expect(settledIn('other', ok({ ...BEFORE, peer: undefined }), fail('no tables'))).toEqual([
      'masters: none',
      'lb2 is without the group',
      'web: masters: none',
      'the other node does not answer',
      'no tables',
    ]);
  });
});
