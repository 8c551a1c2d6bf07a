// @ts-check
// What the page itself says, in each locale a community may have. What the bot says comes from the
// server and is never worded here.

const zhHans = {
  communities: "群聊", messages: "聊天记录", message: "消息", send: "发送", close: "关闭", cancel: "取消", picture: "图片",
  composerHint: "Enter 发送，Shift + Enter 换行，点头像可以 @ 对方", earlier: "查看更早的消息", phrases: "快捷短语",
  messageHint: (/** @type {string} */ who) => `以 ${who} 的身份说点什么…`,
  peopleAndClock: "成员与时间", speakAs: "以谁的身份说话", findMember: "搜索成员", inviteNew: "＋ 邀请新人",
  speakingAs: (/** @type {string} */ who) => `正在以 ${who} 的身份说话，点按切换成员`,
  leader: "团长", bot: "机器人", invitedByShort: (/** @type {string} */ who) => `${who} 邀请`,
  privateUnread: (/** @type {number} */ n) => `${n} 条仅本人可见的新消息`,
  onlyYou: "仅你可见", failed: "没有发出去", retry: "重发", sending: "发送中", waiting: "等待网络，稍后自动重发", imageGone: "图片打不开",
  enlarge: "点按放大图片", newMessages: (/** @type {number} */ n) => `${n} 条新消息`, mentioned: "有人@我", toBottom: "回到底部",
  shopTime: "店内时间", moveClock: "快进时间", plusHour: "+1 小时", toClosing: "到收盘…", plusDay: "+1 天", plusEightDays: "+8 天",
  clockMoving: "时间快进中…", clockMoved: (/** @type {string} */ when) => `现在是 ${when}`, clockFixed: "这家店的时间不能快进", clockFailed: "没能快进，请再试一次",
  closingTitle: "快进到收盘", closingAt: "或者快进到这个时刻", moveThere: "快进", closingAfter: "已经过了这个时刻就到第二天",
  closingChoice: (/** @type {string} */ codes, /** @type {string} */ when) => `${codes} 收盘 · ${when}`,
  inviteTitle: "邀请新人进群", newName: "新人的名字", newNameHint: "例如：阿强", invitedBy: "怎么进群的", byNobody: "自己进群，没有邀请人", join: "进群",
  bySpeaker: (/** @type {string} */ who) => `由 ${who} 邀请`, inviteNote: "进群后会自动切换为新人的身份说话。",
  nameMissing: "请写上新人的名字", nameTaken: "群里已经有这个名字了", nameBad: "名字里不能有换行或控制字符", joinFailed: "没能进群，请再试一次",
  offline: "连接已断开，正在重新连接…", online: "已重新连接",
  loading: "正在准备今天的上新", loadingNote: "团长正在把货摆上架，马上就好", unreachable: "暂时连不上店铺", unreachableNote: "正在自动重试…",
  denied: "需要店铺口令", deniedNote: "请用启动时打印的地址打开这个页面", empty: "店里还没有群聊", emptyChat: "还没有消息，先打个招呼吧",
  yesterday: "昨天", weekdays: ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"],
  date: (/** @type {number} */ y, /** @type {number} */ m, /** @type {number} */ d) => `${m}月${d}日`, listComma: "、",
  say: { order: " 两份", checkIn: "签到", orders: "我的订单", balance: "余额", invite: "邀请", menu: "菜单", summary: "汇总", unpaid: "未付", paid: "收到 #" },
};

/** @typedef {typeof zhHans} Strings */

/** @type {Strings} */
const zhHant = {
  ...zhHans,
  communities: "群組", messages: "聊天記錄", message: "訊息", send: "傳送", close: "關閉", cancel: "取消", picture: "圖片",
  composerHint: "Enter 傳送，Shift + Enter 換行，點頭像可以 @ 對方", earlier: "查看更早的訊息", phrases: "快捷短語",
  messageHint: (who) => `以 ${who} 的身分說點什麼…`,
  peopleAndClock: "成員與時間", speakAs: "以誰的身分說話", findMember: "搜尋成員", inviteNew: "＋ 邀請新人",
  speakingAs: (who) => `正在以 ${who} 的身分說話，點按切換成員`,
  leader: "團長", bot: "機器人", invitedByShort: (who) => `${who} 邀請`,
  privateUnread: (n) => `${n} 則僅本人可見的新訊息`,
  onlyYou: "僅你可見", failed: "沒有送出", retry: "重送", sending: "傳送中", waiting: "等待網路，稍後自動重送", imageGone: "圖片打不開",
  enlarge: "點按放大圖片", newMessages: (n) => `${n} 則新訊息`, mentioned: "有人@我", toBottom: "回到底部",
  shopTime: "店內時間", moveClock: "快轉時間", plusHour: "+1 小時", toClosing: "到收單…", plusDay: "+1 天", plusEightDays: "+8 天",
  clockMoving: "時間快轉中…", clockMoved: (when) => `現在是 ${when}`, clockFixed: "這家店的時間不能快轉", clockFailed: "沒能快轉，請再試一次",
  closingTitle: "快轉到收單", closingAt: "或者快轉到這個時刻", moveThere: "快轉", closingAfter: "已經過了這個時刻就到第二天",
  closingChoice: (codes, when) => `${codes} 收單 · ${when}`,
  inviteTitle: "邀請新人進群", newName: "新人的名字", newNameHint: "例如：阿強", invitedBy: "怎麼進群的", byNobody: "自己進群，沒有邀請人", join: "進群",
  bySpeaker: (who) => `由 ${who} 邀請`, inviteNote: "進群後會自動切換為新人的身分說話。",
  nameMissing: "請寫上新人的名字", nameTaken: "群裡已經有這個名字了", nameBad: "名字裡不能有換行或控制字元", joinFailed: "沒能進群，請再試一次",
  offline: "連線中斷，正在重新連線…", online: "已重新連線",
  loading: "正在準備今天的上新", loadingNote: "團長正在把貨擺上架，馬上就好", unreachable: "暫時連不上店鋪", unreachableNote: "正在自動重試…",
  denied: "需要店鋪口令", deniedNote: "請用啟動時列印的網址打開這個頁面", empty: "店裡還沒有群組", emptyChat: "還沒有訊息，先打個招呼吧",
  say: { order: " 兩份", checkIn: "簽到", orders: "我的訂單", balance: "餘額", invite: "邀請", menu: "菜單", summary: "匯總", unpaid: "未付", paid: "收到 #" },
};

/** @type {Strings} */
const en = {
  communities: "Chats", messages: "Chat history", message: "Message", send: "Send", close: "Close", cancel: "Cancel", picture: "Picture",
  composerHint: "Enter sends, Shift + Enter starts a new line, tap an avatar to mention", earlier: "Earlier messages", phrases: "Quick phrases",
  messageHint: (who) => `Say something as ${who}…`,
  peopleAndClock: "Members and time", speakAs: "Speak as", findMember: "Find a member", inviteNew: "+ Invite",
  speakingAs: (who) => `Speaking as ${who}. Tap to switch member`,
  leader: "Leader", bot: "Bot", invitedByShort: (who) => `Invited by ${who}`,
  privateUnread: (n) => `${n} new for this member only`,
  onlyYou: "Only you can see this", failed: "Not sent", retry: "Retry", sending: "Sending", waiting: "Waiting for the network", imageGone: "Picture unavailable",
  enlarge: "Enlarge picture", newMessages: (n) => (n === 1 ? "1 new message" : `${n} new messages`), mentioned: "You were mentioned", toBottom: "To the latest",
  shopTime: "Shop time", moveClock: "Move the clock", plusHour: "+1 hour", toClosing: "To closing…", plusDay: "+1 day", plusEightDays: "+8 days",
  clockMoving: "Moving the clock…", clockMoved: (when) => `It is now ${when}`, clockFixed: "This shop's clock cannot be moved", clockFailed: "That did not work. Please try again",
  closingTitle: "Move to closing time", closingAt: "Or move to this time of day", moveThere: "Move", closingAfter: "A time already past means tomorrow",
  closingChoice: (codes, when) => `${codes} close${codes.includes(",") ? "" : "s"} · ${when}`,
  inviteTitle: "Invite a newcomer", newName: "Newcomer's name", newNameHint: "For example: Jack", invitedBy: "How they join", byNobody: "On their own, invited by nobody", join: "Join",
  bySpeaker: (who) => `Invited by ${who}`, inviteNote: "You will then speak as the newcomer.",
  nameMissing: "Please enter a name", nameTaken: "Somebody here already has this name", nameBad: "A name is one line without control characters", joinFailed: "That did not work. Please try again",
  offline: "Connection lost. Reconnecting…", online: "Connected again",
  loading: "Getting today's offers ready", loadingNote: "The leader is setting out the goods. One moment", unreachable: "The shop cannot be reached", unreachableNote: "Trying again…",
  denied: "The shop asks for its token", deniedNote: "Open this page by the address that was printed at start", empty: "This shop has no chats yet", emptyChat: "No messages yet. Say hello",
  yesterday: "Yesterday", weekdays: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
  date: (y, m, d) => `${["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][m - 1]} ${d}`, listComma: ", ",
  say: { order: " x2", checkIn: "check in", orders: "my orders", balance: "balance", invite: "invite", menu: "menu", summary: "summary", unpaid: "unpaid", paid: "paid #" },
};

/**
 * The words for a community's locale; Simplified Chinese where the locale is unknown.
 * @param {string} locale
 * @returns {Strings}
 */
export function stringsFor(locale) {
  const tag = locale.toLowerCase();
  if (/^zh.*(hant|tw|hk|mo)/.test(tag)) return zhHant;
  return tag.startsWith("en") ? en : zhHans;
}

/**
 * Writes the words into the parts of the page that never change.
 * @param {Strings} strings
 * @param {string} locale
 */
export function applyStrings(strings, locale) {
  const words = /** @type {Record<string, any>} */ (strings);
  document.documentElement.lang = locale;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = words[node.getAttribute("data-t") ?? ""];
  for (const node of document.querySelectorAll("[data-t-label]")) {
    node.setAttribute("aria-label", words[node.getAttribute("data-t-label") ?? ""]);
  }
  for (const node of document.querySelectorAll("[data-t-hint]")) {
    node.setAttribute("placeholder", words[node.getAttribute("data-t-hint") ?? ""]);
  }
}
