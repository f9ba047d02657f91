/** What every ServiceRules does, the kernel's and the simulation's. */
import { describe, expect, it } from 'vitest';
import type { ServiceRule, ServiceRules } from '../../src/ports/service-rules.js';
import { ip, value } from './expected.js';

export interface ServiceRulesSetup {
  readonly rules: ServiceRules;
  /** Where a new connection to the address and port is passed on to: one of them, or nobody; `nothing`: not by these rules. */
  readonly passedOn: (port: number) => Promise<readonly string[] | 'nothing'>;
}

const [FIRST, SECOND] = [
  { address: ip('10.78.0.11'), port: 8011 },
  { address: ip('10.78.0.12'), port: 8012 },
] as const;

export function serviceRulesContract(name: string, setUp: () => ServiceRulesSetup): void {
  describe(`${name} as rules of services`, () => {
    const web: ServiceRule = {
      ...{ address: ip('10.77.0.100'), port: 80, protocol: 'tcp', hash: 'flow', seed: 1 },
      ...{ source: undefined, slots: [FIRST, SECOND, FIRST, SECOND] },
    };
    const many: readonly ServiceRule[] = [
      { ...web, slots: Array.from({ length: 1024 }, () => FIRST) },
      { ...web, port: 53, protocol: 'udp', hash: 'source', source: ip('10.77.0.100') },
      {
        ...{ ...web, address: ip('fd77::100'), hash: 'source', source: ip('fd77::100') },
        slots: [{ address: ip('fd78::11'), port: 80 }],
      },
      { ...web, port: 25, slots: [] },
      { ...web, port: 26, protocol: 'udp', slots: [] },
      { ...web, address: ip('fd77::100'), port: 25, slots: [] },
    ];

    it('pass on as they say, from one load to the next', async () => {
      const { rules, passedOn } = setUp();
      value(await rules.dismantle());
      expect(value(await rules.loaded())).toBe('none');
      value(await rules.load([web]));
      expect(value(await rules.loaded())).toBe('all');
      expect(await passedOn(80)).toEqual(['10.78.0.11 8011', '10.78.0.12 8012']);
      value(await rules.load([web]));
      expect(await passedOn(80)).toEqual(['10.78.0.11 8011', '10.78.0.12 8012']);
      value(await rules.load(many));
      expect(await passedOn(80)).toEqual(['10.78.0.11 8011']);
      expect(await passedOn(25)).toEqual([]);
      expect(await passedOn(443)).toBe('nothing');
      value(await rules.load([]));
      expect(value(await rules.loaded())).toBe('all');
      expect(await passedOn(80)).toBe('nothing');
      value(await rules.dismantle());
      value(await rules.dismantle());
      expect(value(await rules.loaded())).toBe('none');
    });
  });
}
