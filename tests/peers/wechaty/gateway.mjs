// A puppet service as people run it, with Wechaty's own mock puppet where WeChat would be, and a door for
// the tests: what happens in WeChat is told there, in JSON.
//
//   node gateway.mjs GRPC_PORT CONTROL_PORT TOKEN [sealed]
//
// Sealed, it shows the certificate that `run` made for it. // The packages are the originals; only this file is ours.
import { readFileSync } from 'node:fs'
import http from 'node:http'

import { PuppetMock, mock } from 'wechaty-puppet-mock'
import { PuppetServer } from 'wechaty-puppet-service'

const [grpcPort, controlPort, token, sealed] = process.argv.slice(2)

const sent = [] // what the account said: {n, at, chat, type, text, file, mentions}; at in milliseconds
// Of the next sends: end before sending; send and never answer; refuse. Of the next messages: announce them
// and never say what they are.
const faults = { die: 0, mute: 0, refuse: 0, withhold: 0 }

class Puppet extends PuppetMock {
  async messageSendText(conversation, text, mentions) {
    return this.sends(conversation, mentions ?? [], () => super.messageSendText(conversation, text))
  }

  async messageSendFile(conversation, file) {
    return this.sends(conversation, [], () => super.messageSendFile(conversation, file))
  }

  async messageRawPayload(id) {
    if (faults.withhold > 0) {
      faults.withhold -= 1
      await new Promise(() => {})
    }
    return super.messageRawPayload(id)
  }

  async sends(conversation, mentions, send) {
    if (faults.die > 0) process.exit(9)
    if (faults.refuse > 0) {
      faults.refuse -= 1
      throw new Error('操作过于频繁')
    }
    await send()
    sent.at(-1).mentions = mentions
    if (faults.mute > 0) {
      faults.mute -= 1
      await new Promise(() => {})
    }
  }
}

const mocker = new mock.Mocker()
const puppet = new Puppet({ mocker })
const contact = id => mocker.ContactMock.load(id)
const room = id => mocker.RoomMock.load(id)

puppet.on('message', ({ messageId }) => {
  const message = mocker.messagePayload(messageId)
  if (message.talkerId !== puppet.currentUserId) return
  const file = mocker.cacheFileBoxPayload.get(messageId)
  const { type, text, roomId, listenerId } = message
  sent.push({ n: sent.length, at: Date.now(), chat: roomId ?? listenerId, type, text, mentions: [],
    file: file && { name: file.name, bytes: file.base64 ? Buffer.from(file.base64, 'base64').length : 0 } })
})

let ids = 0
/** A message of a kind that the mock's people cannot utter by themselves. */
function utter({ from, to, text, type = 7, mentions = [] }) {
  const id = `${process.pid}-${ids += 1}`
  const where = to.includes('@') ? { roomId: to, mentionIdList: mentions } : { listenerId: to }
  const payload = { id, talkerId: from, timestamp: Date.now(), type, text, ...where }
  mocker.MessageMock.create(payload)
  puppet.emit('message', { messageId: id })
  return { id }
}

const orders = {
  contact: ({ friend = false, type = 1, ...who }) => {
    mocker.createContact({ friend, type, ...who })
  },
  room: ({ id, topic, members, owner }) => {
    mocker.createRoom({ id, topic, memberIdList: members, ownerId: owner })
  },
  scan: ({ qrcode }) => mocker.scan(qrcode, 2),
  login: ({ id }) => mocker.login(contact(id)),
  logout: () => puppet.logout(),
  say: utter,
  again: ({ ids }) => { for (const messageId of ids) puppet.emit('message', { messageId }) },
  join: ({ to, members, inviter }) => room(to).add(...members.map(contact)).by(contact(inviter)),
  leave: ({ to, members, by }) => room(to).remove(...members.map(contact)).by(contact(by)),
  topic: ({ to, text, by }) => room(to).topic(text).by(contact(by)),
  fault: what => Object.assign(faults, what), // answers with those that are left
  // So many messages, as fast as the puppet utters them: [from, to, text] in turn.
  flood: ({ said }) => { for (const [from, to, text] of said) utter({ from, to, text }) },
  sent: ({ after = 0 }) => sent.slice(after),
}

http.createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  try {
    const answer = await orders[request.url.slice(1)](JSON.parse(body || '{}'))
    response.end(JSON.stringify(answer ?? null))
  } catch (error) {
    response.statusCode = 500
    response.end(String(error?.stack ?? error))
  }
}).listen(Number(controlPort), '127.0.0.1')

const tls = sealed
  ? { serverCert: readFileSync('gateway.pem', 'utf8'), serverKey: readFileSync('gateway.key', 'utf8') }
  : { disable: true }
const server = new PuppetServer({ endpoint: `127.0.0.1:${grpcPort}`, puppet, token, tls })
await server.start()
await puppet.start()
console.log('ready')
