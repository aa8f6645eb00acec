import { describe, expect, it } from 'vitest';
import { portsFromEnvironment, portsToEnvironment } from '../src/addresses.ts';

describe('the ports of the environment', () => {
  it('are the usual ones, moved together', () => {
    expect(portsFromEnvironment({})).toEqual({
      ...{ edge: 4566, mqtt: 1883, mqtts: 8883, postgres: 5432, api: 3000 },
    });
    expect(portsFromEnvironment({ MILLRACE_PORT_OFFSET: '100' })).toMatchObject({
      ...{ mqtts: 8983, postgres: 5532 },
    });
  });

  it('leave MQTT with TLS and PostgreSQL a free one where only MQTT without is chosen', () => {
    expect(portsFromEnvironment({ MILLRACE_MQTT_PORT: '2000' })).toMatchObject({
      ...{ mqtts: 0, postgres: 0 },
    });
    const both = { MILLRACE_MQTT_PORT: '2000', MILLRACE_MQTTS_PORT: '2001' };
    expect(portsFromEnvironment(both)).toMatchObject({ mqtt: 2000, mqtts: 2001 });
  });

  it('come back as they were handed on', () => {
    const ports = { edge: 1, mqtt: 2, mqtts: 3, postgres: 5, api: 4 };
    expect(portsFromEnvironment(portsToEnvironment(ports))).toEqual(ports);
  });
});
