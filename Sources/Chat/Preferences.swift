/// How somebody wants to be told of messages.
public struct Preferences: Sendable, Equatable {
  /// Whether missed messages are mailed.
  public var mailEnabled = true
  /// Where to; `nil` if there is no address.
  public var mailAddress: String?
  /// Whether the browser shows notifications.
  public var browserEnabled = true
  /// Whether there is a sound.
  public var soundEnabled = true
  /// The minute of the person's day at which quiet hours begin, 0 to 1,439; `nil` for none.
  public var quietFrom: Int?
  /// The minute at which they end; before `quietFrom` if they last over midnight.
  public var quietUntil: Int?
  /// Minutes by which the person's clock is ahead of UTC.
  public var utcOffset = 0

  /// Preferences of somebody who never set any.
  public init(
    mailEnabled: Bool = true, mailAddress: String? = nil, browserEnabled: Bool = true,
    soundEnabled: Bool = true, quietFrom: Int? = nil, quietUntil: Int? = nil, utcOffset: Int = 0
  ) {
    self.mailEnabled = mailEnabled
    self.mailAddress = mailAddress
    self.browserEnabled = browserEnabled
    self.soundEnabled = soundEnabled
    self.quietFrom = quietFrom
    self.quietUntil = quietUntil
    self.utcOffset = utcOffset
  }

  /// How many minutes of the quiet hours are left at a minute of the day in UTC; 0 outside of them.
  public func quietMinutes(atUTCMinute minute: Int) -> Int {
    guard let quietFrom, let quietUntil, quietFrom != quietUntil else { return 0 }
    let day = 1_440
    func wrapped(_ minutes: Int) -> Int { ((minutes % day) + day) % day }
    let now = wrapped(minute + utcOffset)
    let length = wrapped(quietUntil - quietFrom)
    let passed = wrapped(now - quietFrom)
    return passed < length ? length - passed : 0
  }
}
