// Starts the GitHub emulator of the package whose folder is given, and ends with its standard input.
const [folder, baseUrl, port] = process.argv.slice(2)
const { createEmulator } = await import(`${folder}/emulate/dist/api.js`)
const people = ['octocat', 'mallory', 'grace', 'reviewer']
await createEmulator({
  service: 'github',
  port: Number(port),
  baseUrl,
  seed: {
    tokens: Object.fromEntries(
      [...people.map((login) => [`token-of-${login}`, login]), ['ghs_of-octocat', 'octocat']].map(([token, login]) => [
        token,
        { login, scopes: ['repo'] },
      ]),
    ),
    github: {
      apps: [
        {
          app_id: 77,
          slug: 'overhaul-here',
          name: 'Overhaul here',
          private_key: process.env.APP_KEY,
          permissions: { contents: 'write', pull_requests: 'write', metadata: 'read', issues: 'write', checks: 'write' },
          installations: [
            { installation_id: 1, account: 'octocat' },
            { installation_id: 2, account: 'acme-inc', permissions: { contents: 'read', pull_requests: 'write' } },
          ],
        },
      ],
      users: people.map((login) => ({ login })), orgs: [{ login: 'acme-inc' }] },
  },
})
console.log('ready')
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
