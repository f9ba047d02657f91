import { describe, expect, it } from 'vitest';
import { DRILL_NAMES, DRILLS } from '../../../src/core/drill-catalogue.js';
import { isDrill, planDrill, planSimulated, unknownDrill } from '../../../src/core/drill-plan.js';
import { millis } from '../../../src/base/time.js';
import { GIVEN_SCENE } from './given-drill.js';

const USUAL = { consent: 'usual', limits: {} } as const;
const LIVE = DRILL_NAMES.filter((name) => DRILLS[name].where === 'live');

describe('a drill that is planned', () => {
  it.each(LIVE)('%s: has faults of both nodes, the target first', (name) => {
    const planned = planDrill({ ...USUAL, name, consent: 'really' }, GIVEN_SCENE);
    const target = DRILLS[name].to === 'master' ? 'lb1' : 'lb2';
    expect(planned).toMatchObject({ ok: true, value: { name, target, group: 'web' } });
    expect(planned.ok ? planned.value.faults.map(({ node }) => node) : []).toEqual(
      target === 'lb1' ? ['lb1', 'lb2'] : ['lb2', 'lb1'],
    );
  });

  it('asks the daemons for a switchover, and makes no fault', () => {
    expect(planDrill({ ...USUAL, name: 'switchover' }, GIVEN_SCENE)).toMatchObject({
      value: { act: 'switchover', faults: [{ faults: [] }, { faults: [] }] },
    });
    expect(planDrill({ ...USUAL, name: 'proxy-crash' }, GIVEN_SCENE)).toMatchObject({
      value: { act: 'faults' },
    });
  });

  it('has the limits that were asked for', () => {
    expect(
      planDrill({ ...USUAL, name: 'proxy-crash', limits: { gapMs: 7 } }, GIVEN_SCENE),
    ).toMatchObject({ value: { limits: { gapMs: 7, moves: 1 } } });
  });
});

describe('a drill that cannot be', () => {
  const nothing = { ...GIVEN_SCENE, has: new Set<never>() };

  it('is unknown', () => {
    expect(isDrill('earthquake')).toBe(false);
    expect(planDrill({ ...USUAL, name: 'earthquake' }, GIVEN_SCENE)).toEqual({
      ok: false,
      error: [unknownDrill('earthquake')],
    });
  });

  it('is for the simulator', () => {
    expect(planDrill({ ...USUAL, name: 'clock-step' }, GIVEN_SCENE)).toEqual({
      ok: false,
      error: ['clock-step is done in the simulator alone: npm run sim -- --drill clock-step'],
    });
  });

  it('would take the power of the node on which it is asked for', () => {
    const asked = { name: 'node-power-loss', consent: 'really', limits: {} } as const;
    expect(planDrill(asked, { ...GIVEN_SCENE, here: 'lb1' })).toEqual({
      ok: false,
      error: ['node-power-loss would take lb1 itself, on which it is asked for: ask for it on lb2'],
    });
  });

  it('lacks what it needs, and consent: all is said at once', () => {
    const refused = planDrill({ ...USUAL, name: 'node-power-loss' }, nothing);
    expect(refused).toEqual({
      ok: false,
      error: [
        'no commands are configured that take a node’s power and give it back (drills.power)',
        'the other node could not take over now, so it would be an outage and no drill',
        'node-power-loss is not done without --really',
      ],
    });
  });

  it('would last longer than any hand may be armed for', () => {
    const slow = { ...GIVEN_SCENE, masterDown: millis(120_000) };
    expect(planDrill({ ...USUAL, name: 'isolated' }, slow)).toEqual({
      ok: false,
      error: [
        'isolated would last 123 s with these intervals, and no fault may last longer than 115 s',
      ],
    });
    expect(planDrill({ ...USUAL, name: 'switchover' }, slow)).toMatchObject({ ok: true });
  });

  it.each(LIVE.filter((name) => DRILLS[name].needs.length > 0))(
    '%s: says what is missing',
    (name) => {
      const refused = planDrill({ ...USUAL, name, consent: 'really' }, nothing);
      expect(refused.ok ? [] : refused.error).toHaveLength(DRILLS[name].needs.length);
    },
  );
});

describe('a plan for the simulator', () => {
  it('is what no real pair bears, and takes nobody’s consent', () => {
    const stepped = planSimulated('clock-step', GIVEN_SCENE);
    expect(stepped).toMatchObject({ ok: true, value: { act: 'clock-step', target: 'lb1' } });
    expect(planSimulated('node-power-loss', GIVEN_SCENE)).toMatchObject({ ok: true });
  });

  it('needs what the drill needs', () => {
    const planned = planSimulated('proxy-crash', { ...GIVEN_SCENE, has: new Set() });
    expect(planned.ok ? [] : planned.error).toHaveLength(DRILLS['proxy-crash'].needs.length);
  });
});
