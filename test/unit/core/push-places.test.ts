import { describe, expect, it } from 'vitest';
import type { PushPlaces } from '../../../src/core/push-places.js';
import {
  CONFIG_NAME,
  directoryOf,
  nameOf,
  placeOf,
  SHARED_NAME,
} from '../../../src/core/push-places.js';

const PLACES: PushPlaces = {
  config: '/etc/haproxy/haproxy.cfg',
  shared: '/etc/haproxy/vipair.yaml',
  directories: ['/srv/certs'],
  kept: ['/etc/haproxy/pair.key'],
};

const SHALLOW: PushPlaces = { ...PLACES, config: '/etc/haproxy.cfg' };

describe('where a pushed file goes', () => {
  it.each([
    [CONFIG_NAME, '/etc/haproxy/haproxy.cfg', '/etc/haproxy'],
    [SHARED_NAME, '/etc/haproxy/vipair.yaml', '/etc/haproxy'],
    ['certs/site.pem', '/etc/haproxy/certs/site.pem', '/etc/haproxy'],
    ['/etc/haproxy/certs/site.pem', '/etc/haproxy/certs/site.pem', '/etc/haproxy'],
    ['/srv/certs/a b.pem', '/srv/certs/a b.pem', '/srv/certs'],
  ])('%s', (name, path, base) => {
    expect(placeOf(name, PLACES)).toEqual({ ok: true, value: { path, base } });
  });

  it.each([
    ['/etc/shadow', 'lies neither under'],
    ['/srv/certs', 'lies neither under'],
    ['/srv/certificates/x', 'lies neither under'],
    ['../shadow', 'is no path'],
    ['certs/../../shadow', 'is no path'],
    ['certs//x', 'is no path'],
    ['./x', 'is no path'],
    ['x/', 'is no path'],
    ['a\u0000b', 'is no path'],
    ['x'.repeat(81), 'is no path'],
    ['x/'.repeat(600), 'is no path'],
    ['pair.key', "is a file of vipair's own"],
    ['haproxy.cfg', "is a file of vipair's own"],
    ['vipair.yaml', "is a file of vipair's own"],
  ])('%s is refused', (name, why) => {
    const place = placeOf(name, PLACES);
    expect(place.ok ? '' : place.error).toContain(why);
  });

  it('beside a haproxy.cfg in a directory of everybody there is no place', () => {
    expect(placeOf('shadow', SHALLOW).ok).toBe(false);
    expect(placeOf(CONFIG_NAME, SHALLOW)).toEqual({
      ok: true,
      value: { path: '/etc/haproxy.cfg', base: '/etc' },
    });
  });
});

describe('what a file is called between the nodes', () => {
  it.each([
    ['/etc/haproxy/haproxy.cfg', CONFIG_NAME],
    ['/etc/haproxy/certs/site.pem', 'certs/site.pem'],
    ['/srv/certs/site.pem', '/srv/certs/site.pem'],
    ['/etc/ssl/ca.pem', undefined],
    ['/etc/haproxy/pair.key', undefined],
    ['/etc/haproxy/vipair.yaml', undefined],
  ])('%s', (path, name) => {
    expect(nameOf(path, PLACES)).toBe(name);
  });

  it('nothing beside a haproxy.cfg in a directory of everybody', () => {
    expect(nameOf('/etc/passwd', SHALLOW)).toBeUndefined();
    expect(nameOf('/etc/haproxy.cfg', SHALLOW)).toBe(CONFIG_NAME);
  });
});

it('the directory of a path is at least the root', () => {
  expect([directoryOf('/a/b'), directoryOf('/a')]).toEqual(['/a', '/']);
});
