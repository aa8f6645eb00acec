import { LocalCloudError } from '../errors.ts';
import type { CloudFormationResource } from '../ports.ts';
import { referencedIds } from './intrinsics.ts';

/**
 * Logical ids in waves: everything in a wave can be created side by side, after the waves before it.
 *
 * @throws LocalCloudError RESOURCE_CYCLE
 */
export function creationWaves(
  service: string,
  resources: Readonly<Record<string, CloudFormationResource>>,
): string[][] {
  const waiting = new Map(
    Object.entries(resources).map(([logicalId, resource]) => [
      logicalId,
      dependencies(logicalId, resource, resources),
    ]),
  );
  const waves: string[][] = [];
  while (waiting.size > 0) {
    const wave = [...waiting.keys()].filter((logicalId) =>
      [...(waiting.get(logicalId) ?? [])].every((dependency) => !waiting.has(dependency)),
    );
    if (wave.length === 0) {
      throw new LocalCloudError(
        'RESOURCE_CYCLE',
        `${service}: the resources ${[...waiting.keys()].join(', ')} refer to each other in a circle: break it in serverless.yml.`,
      );
    }
    for (const logicalId of wave) waiting.delete(logicalId);
    waves.push(wave);
  }
  return waves;
}

function dependencies(
  logicalId: string,
  resource: CloudFormationResource,
  resources: Readonly<Record<string, CloudFormationResource>>,
): Set<string> {
  const found = referencedIds(resource.Properties);
  for (const name of [resource.DependsOn ?? []].flat()) found.add(name);
  return new Set([...found].filter((name) => name in resources && name !== logicalId));
}
