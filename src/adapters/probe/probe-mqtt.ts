import type { MqttClient } from 'mqtt';
import type { ProbeAnswer, ProbeCheck } from '#domain/probe.ts';
import { describeCheck } from './describe-failure.ts';

type MqttCheck = Extract<ProbeCheck, { kind: 'mqtt' }>;

const longestPayload = 500;

/** Subscribes, and waits for one message. @throws when the broker refuses, or none comes */
export async function probeMqtt(
  check: MqttCheck,
  address: string,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  // Few need it, and it is large: it is loaded by the first who does.
  const { connect } = await import('mqtt');
  const client = connect({
    host: address,
    port: check.port,
    protocol: 'mqtt',
    // One attempt is one connection.
    reconnectPeriod: 0,
    ...(check.username !== undefined && { username: check.username }),
    ...(check.password !== undefined && { password: check.password }),
  });
  try {
    const message = await firstMessage(client, check.topic, signal);
    return { ok: true, output: `${describeCheck({ check, address })}: ${message.slice(0, longestPayload)}` };
  } finally {
    // An error that comes late would end the process, unheard.
    client.on('error', () => undefined);
    client.end(true);
  }
}

function firstMessage(client: MqttClient, topic: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  client.on('error', reject);
  client.on('close', () => reject(new Error('the broker closed the connection')));
  client.on('message', (_topic, payload) => resolve(payload.toString('utf8')));
  client.on('connect', () => {
    client.subscribeAsync(topic).then((granted) => {
      if (granted.some(({ qos }) => qos > 2)) reject(new Error(`the broker refuses the topic ${topic}`));
    }, reject);
  });
  return promise;
}
