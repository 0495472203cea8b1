import { Buffer } from 'node:buffer';
import type { DesiredApp, DesiredService } from '#domain/desired.ts';

// A part of a secret may turn up by itself: one line of a key, one entry of a file of passwords.
const shortestLine = 8;
const maxLines = 200;

/** Every value in the desired state that must never be shown: what the redactor is to know. */
export function listSecrets(apps: readonly DesiredApp[]): readonly string[] {
  const services = apps.flatMap((app) => app.stacks).flatMap((stack) => stack.services);
  const secrets = services.flatMap(({ spec }) => spec.files ?? []).filter((file) => file.secret);
  const contents = new Set(secrets.map((file) => file.contentBase64));
  return [
    ...[...contents].flatMap((base64) => listForms(Buffer.from(base64, 'base64').toString('utf8'))),
    ...services.flatMap(listProbeSecrets),
  ];
}

/** What a check is let in with. */
function listProbeSecrets({ probe }: DesiredService): readonly string[] {
  if (probe?.check.kind === 'mqtt') return [probe.check.password ?? ''].filter((value) => value !== '');
  if (probe?.check.kind !== 'http') return [];
  const headers = Object.entries(probe.check.headers);
  return headers.flatMap(([name, value]) =>
    /authorization|cookie|token|key|secret/i.test(name) ? value : [],
  );
}

function listForms(content: string): readonly string[] {
  const lines = content.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => line.length >= shortestLine).slice(0, maxLines);
  return [...new Set([content, content.trim(), ...telling])].filter((value) => value !== '');
}
