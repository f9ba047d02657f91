/** What the machine itself must be like: rights, kernel settings, and nobody else who configures its interfaces. */
import type { Finding, Said } from './finding.js';
import { note, problem, well } from './finding.js';
import type { NetworkManagerSeen, Observations, SettingSeen } from './observations.js';

export function checkStart({ refusals, deaf, node }: Observations): readonly Finding[] {
  return [
    ...refusals.map((detail) => ({
      check: 'start' as const,
      about: node,
      ...problem(`The daemon cannot start with this configuration: ${detail}.`),
    })),
    ...deaf.map((each) => ({
      check: 'start' as const,
      about: each.interface,
      ...problem(`The doctor cannot listen on ${each.interface}: ${each.detail}.`),
    })),
  ];
}

export function checkCapabilities({ missingCapabilities, node }: Observations): readonly Finding[] {
  const said =
    missingCapabilities.length === 0
      ? [well('This process has the capabilities that a daemon needs.')]
      : missingCapabilities.map((each) =>
          problem(`${each} is missing: run as root, or grant the capability.`),
        );
  return said.map((each) => ({ check: 'capabilities', about: node, ...each }));
}

export function checkSettings({ settings, daemon, node }: Observations): readonly Finding[] {
  const wrong = settings.filter(({ found, wanted }) => found !== undefined && found !== wanted);
  const said =
    wrong.length === 0
      ? [
          well(
            `The kernel's settings are as they should be (${String(settings.length)} looked at).`,
          ),
        ]
      : wrong.map((each) => settingSaid(each, daemon.kind));
  return said.map((each) => ({ check: 'settings', about: node, ...each }));
}

function settingSaid(
  { name, wanted, found, why, setBy }: SettingSeen,
  daemon: Observations['daemon']['kind'],
): Said {
  const start = `${name} is ${found ?? 'not there'} and should be ${wanted}, because ${why}`;
  if (setBy === 'daemon' && daemon === 'absent') {
    return note(`${start}; the daemon sets it when it starts.`);
  }
  return problem(
    setBy === 'daemon' ? `${start}; the daemon had set it, so something set it back.` : `${start}.`,
    `write \`${name.replaceAll('/', '.')} = ${wanted}\` to /etc/sysctl.d/90-vipair.conf, then run \`sysctl --system\``,
  );
}

export function checkManagers({ managers, node }: Observations): readonly Finding[] {
  return managers.length === 0
    ? [
        {
          check: 'managers',
          about: node,
          ...well('No network manager that would remove the addresses was found.'),
        },
      ]
    : managers.map((each) => ({ check: 'managers', about: each.interface, ...managerSaid(each) }));
}

function managerSaid(seen: NetworkManagerSeen): Said {
  const { kind, interface: name } = seen;
  if (kind === 'NetworkManager') {
    return note(
      `NetworkManager manages ${name} (connection ${seen.connection}) and removes the virtual addresses when it activates the connection again; the daemon then puts them back.`,
      `write \`[keyfile]\` and \`unmanaged-devices=interface-name:${name}\` to /etc/NetworkManager/conf.d/90-vipair.conf, if something else configures ${name}`,
    );
  }
  return seen.foreign === 'kept'
    ? well(`systemd-networkd manages ${name} and keeps addresses that it did not configure.`)
    : note(
        `systemd-networkd manages ${name} and removes the virtual addresses when it is restarted or configures ${name} anew; the daemon then puts them back.`,
        `write \`[Network]\` and \`KeepConfiguration=static\` to /etc/systemd/network/${fileName(seen.file)}.d/90-vipair.conf`,
      );
}

function fileName(path: string): string {
  return path.split('/').at(-1) ?? path;
}
