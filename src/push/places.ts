/** Where a configuration allows files of the proxy to be pushed from and to. */
import type { Config, TrackedThingConfig } from '../config/config.js';
import type { PushPlaces } from '../core/push-places.js';

/** Undefined where no proxy is configured. `configFile`: the daemon's own. */
export function placesOf(config: Config, configFile: string): PushPlaces | undefined {
  const { proxy, pair, groups, hooks, push } = config;
  if (proxy === undefined) {
    return undefined;
  }
  const kept = [
    proxy.program,
    ...pair.keyFiles,
    ...hooks.map(({ path }) => path),
    ...groups.flatMap((group) => [
      ...group.track.flatMap(({ thing }) => programOf(thing)),
      ...secretsOf(group),
    ]),
  ];
  return { config: proxy.config, shared: configFile, directories: push?.directories ?? [], kept };
}

function programOf(thing: TrackedThingConfig): readonly string[] {
  return thing.kind === 'script' || thing.kind === 'file' ? [thing.path] : [];
}

function secretsOf({ authentication }: Config['groups'][number]): readonly string[] {
  const sources =
    authentication?.kind === 'password'
      ? [authentication.secret]
      : (authentication?.keys.map(({ secret }) => secret) ?? []);
  return sources.flatMap((each) => (each.kind === 'file' ? [each.path] : []));
}
