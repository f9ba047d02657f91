import { describe, expect, it } from 'vitest';
import { certificatePaths, haproxyLines, shown } from '../../../src/core/haproxy-text.js';

const FILE = `
# The load balancer.
global
    maxconn   100   # enough
    crt-base /etc/ssl/private
    ca-base "/etc/ssl/ca"

frontend web
\tbind :443 ssl crt site.pem crt /etc/own.pem crt @store/x ca-file clients.pem
    http-request set-header X-Note "a   # b" if { path_beg '/a #  b' }
    http-request deny if { path_reg a\\#b }
    bind :444 ssl crt site.pem
    description ends with crt
`;

describe('haproxy.cfg', () => {
  it('is its lines without comments and blank ones, with white space folded, quotes left alone', () => {
    expect(haproxyLines(FILE)).toEqual([
      { number: 3, text: 'global' },
      { number: 4, text: 'maxconn 100' },
      { number: 5, text: 'crt-base /etc/ssl/private' },
      { number: 6, text: 'ca-base "/etc/ssl/ca"' },
      { number: 8, text: 'frontend web' },
      {
        number: 9,
        text: 'bind :443 ssl crt site.pem crt /etc/own.pem crt @store/x ca-file clients.pem',
      },
      {
        number: 10,
        text: `http-request set-header X-Note "a   # b" if { path_beg '/a #  b' }`,
      },
      { number: 11, text: 'http-request deny if { path_reg a\\#b }' },
      { number: 12, text: 'bind :444 ssl crt site.pem' },
      { number: 13, text: 'description ends with crt' },
    ]);
  });

  it('is nothing where it says nothing', () => {
    expect(haproxyLines('')).toEqual([]);
  });

  it('names certificates, each once, below the directories that it sets', () => {
    expect(certificatePaths(haproxyLines(FILE))).toEqual([
      '/etc/ssl/private/site.pem',
      '/etc/own.pem',
      '/etc/ssl/ca/clients.pem',
    ]);
  });

  it('may name them below no directory, and too many to look at', () => {
    const binds = Array.from({ length: 50 }, (...[, at]) => `bind :1 crt ${String(at)}.pem`);
    const paths = certificatePaths(haproxyLines(binds.join('\n')));
    expect([paths[0], paths.length]).toEqual(['/0.pem', 40]);
  });
});

describe('a line', () => {
  it.each([
    ['maxconn 100', 'maxconn 100'],
    ['stats auth admin:hunter2', 'stats … (may hold a secret)'],
    ['user joe insecure-password hunter2', 'user … (may hold a secret)'],
    ['http-request set-header Authorization x', 'http-request … (may hold a secret)'],
    ['presetenv X hunter2', 'presetenv … (may hold a secret)'],
  ])('%j is shown as %j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });
});
