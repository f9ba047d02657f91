import { describe, expect, it } from 'vitest';
import type { NamedPath } from '../../../src/core/haproxy-files.js';
import { basesIn, withPaths } from '../../../src/core/haproxy-files.js';

function named(text: string, directory = '/etc/haproxy'): readonly string[] {
  const found: NamedPath[] = [];
  withPaths(text, basesIn(text, directory), (each) => {
    found.push(each);
    return undefined;
  });
  return found.map(({ path, as }) => (as === 'list' ? `${path} (list)` : path));
}

describe('the files that haproxy.cfg names', () => {
  it.each([
    ['a certificate', 'bind :443 ssl crt /etc/haproxy/site.pem', ['/etc/haproxy/site.pem']],
    ['a directory, with a slash at its end', 'bind :443 crt /etc/certs/', ['/etc/certs']],
    ['a list', 'bind :443 ssl crt-list /etc/crt.list', ['/etc/crt.list (list)']],
    [
      'a map in an expression',
      'use_backend %[req.hdr(host),lower,map_str(/etc/haproxy/hosts.map,default)]',
      ['/etc/haproxy/hosts.map'],
    ],
    ['what is quoted', 'errorfile 503 "/etc/haproxy/503.http"', ['/etc/haproxy/503.http']],
    ['a file of an acl', "acl bad src -f '/etc/bad.lst'", ['/etc/bad.lst']],
    ['nothing in a comment', '  # bind :443 ssl crt /etc/haproxy/site.pem', []],
    ['nothing on an empty line', '   ', []],
    ['no socket', 'stats socket /run/haproxy/admin.sock level admin', []],
    ['no log, nor a chroot', 'log /dev/log local0\nchroot /var/lib/haproxy', []],
    ['nothing relative where nothing says to what', 'errorfile 503 503.http', []],
  ])('%s', (_what, text, paths) => {
    expect(named(text)).toEqual(paths);
  });

  it('under crt-base and ca-base, each of which a name may be under', () => {
    const text = 'crt-base /etc/certs/\nca-base /etc/ca\nbind :443 crt site.pem';
    expect(named(text).filter((path) => path.endsWith('site.pem'))).toEqual([
      '/etc/certs/site.pem',
      '/etc/ca/site.pem',
    ]);
  });

  it('under the directory of haproxy.cfg, where it says so', () => {
    expect(named('default-path config\nlua-load x.lua')).toContain('/etc/haproxy/x.lua');
    expect(named('default-path parent\nlua-load x.lua')).toEqual([]);
    expect(named('crt-base relative\nlua-load x.lua')).toEqual([]);
  });
});

describe('the same text with other paths', () => {
  it('changes only what is known elsewhere', () => {
    const text = 'crt-base /a\n bind :443 ssl crt site.pem crt /b/other.pem # kept';
    const moved = withPaths(text, basesIn(text, '/etc'), ({ path }) =>
      path === '/a/site.pem' ? '/tmp/site.pem' : undefined,
    );
    expect(moved).toBe('crt-base /a\n bind :443 ssl crt /tmp/site.pem crt /b/other.pem # kept');
  });
});
