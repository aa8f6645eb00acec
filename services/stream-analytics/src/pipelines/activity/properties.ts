import type { EventOf } from '@millrace/types';
import { definePipeline } from '../../domain/engine/pipeline.ts';
import { COUNTED_PROPERTIES, type CountedProperty } from './declarations.ts';

const OTHER = 'other';

const BY_EVENT = Map.groupBy(COUNTED_PROPERTIES, ({ name }) => name);

/** Counts events by the values of the properties that are declared. */
export const properties = definePipeline({
  name: 'properties',
  takes: ['millrace.activity.v1'],
  apply({ event }, work) {
    for (const declared of BY_EVENT.get(event.data.name) ?? []) {
      const value = propertyValue(event, declared);
      if (value === undefined) continue;
      const { name, property, values } = declared;
      if (values) {
        const listed = values.includes(value) ? value : OTHER;
        work.count('activity.properties', event.time, { by: { name, property, value: listed } });
      } else {
        const seen = { by: { name, property }, member: value, term: value };
        work.count('activity.terms', event.time, seen);
      }
    }
  },
});

/** As text: 7 and "7" are one value. */
function propertyValue(
  { data }: EventOf<'millrace.activity.v1'>,
  { property }: CountedProperty,
): string | undefined {
  const all = data.properties ?? {};
  // A name like `constructor` must not find what every object has.
  const value = Object.hasOwn(all, property) ? all[property] : undefined;
  return value === undefined || value === null ? undefined : String(value).toWellFormed();
}
