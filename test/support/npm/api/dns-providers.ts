// The two that the recordings show, some that people use, and as many again as NPM 2.15.1 has.
const known = [
  {
    id: 'acmedns',
    name: 'ACME-DNS',
    credentials:
      'dns_acmedns_api_url = http://acmedns-server/\ndns_acmedns_registration_file = /data/acme-registration.json',
  },
  {
    id: 'active24',
    name: 'Active24',
    credentials: 'dns_active24_api_key = <identifier>\ndns_active24_secret = <secret>',
  },
  { id: 'cloudflare', name: 'Cloudflare', credentials: 'dns_cloudflare_api_token = <token>' },
  { id: 'route53', name: 'Route 53 (Amazon)', credentials: '[default]' },
];
const providerCount = 86;

export const dnsProviders = [
  ...known,
  ...Array.from({ length: providerCount - known.length }, (_, index) => ({
    id: `provider${index + 1}`,
    name: `Provider ${index + 1}`,
    credentials: `dns_provider${index + 1}_token = <token>`,
  })),
];
