import type { RenderOptions } from './nginx.ts';

/** What answers for unknown hosts; nothing for "congratulations", which the image brings. */
export function renderDefaultSite(setting: { value: string; meta: object }, options: RenderOptions): string {
  const answer = renderAnswer(setting);
  if (answer === undefined) return '# Default Site\n';
  return [
    '# Default Site',
    'server {',
    `  listen ${options.httpPort} default;`,
    '  server_name default-host.localhost;',
    `  include ${options.includePath}/letsencrypt-acme-challenge.conf;`,
    '  location / {',
    `    ${answer}`,
    '  }',
    '}',
    '',
  ].join('\n');
}

function renderAnswer(setting: {
  value: string;
  meta: { redirect?: string; html?: string };
}): string | undefined {
  const { value, meta } = setting;
  if (value === '404' || value === '444') return `return ${value};`;
  if (value === 'redirect') return `return 301 ${meta.redirect};`;
  if (value === 'html') return `return 200 ${JSON.stringify(meta.html ?? '')};`;
  return undefined;
}
