// The same as @satorijs/adapter-qq understands it. It asks for tokens at an address that it knows by heart,
// so that one is replaced.
//
//     satori_client.cjs URL APP_ID SECRET

const [url, id, secret] = process.argv.slice(2)
const fetched = globalThis.fetch
globalThis.fetch = (asked, more) => fetched(String(asked?.url ?? asked).replace('https://bots.qq.com', url), more)

const { Context, h } = require('@satorijs/core')
const http = require('@cordisjs/plugin-http')
const qq = require('@satorijs/adapter-qq')

const tell = (what) => console.log(JSON.stringify(what))
const ctx = new Context()
ctx.plugin(http.default ?? http)
ctx.plugin(qq.QQBot ?? qq.default, {
  id, secret, token: '', authType: 'bearer', type: 'private', sandbox: false, endpoint: url + '/',
  protocol: 'websocket', intents: (1 << 25) | (1 << 26), retryWhen: [], retryTimes: 3, retryInterval: 500,
})
ctx.on('login-updated', (session) => session.bot.status === 1 && tell({ ready: session.bot.user?.name }))
ctx.on('message', async (session) => {
  tell({ text: session.event.message.elements.filter((it) => it.type === 'text').join(''), who: session.userId })
  if (!session.content.includes('go')) return
  const [sent] = await session.bot.sendMessage(session.channelId, '好', undefined, { session })
  tell({ sent })
  await session.bot.sendMessage(session.channelId, [h.image('data:image/png;base64,iVBORw0KGgo='), '图'], undefined, { session })
  await session.bot.deleteMessage(session.channelId, sent)
  tell({ done: true })
})
ctx.on('interaction/button', (session) => tell({ button: session.event.button.data }))
ctx.on('guild-added', (session) => tell({ added: session.operatorId }))
process.on('unhandledRejection', (error) => tell({ fault: String(error?.stack ?? error) }))
ctx.start()
