import Testing

@testable import Chat

@Suite struct PreferencesTests {
  /// 22:00 to 06:30, in minutes.
  private let night = Preferences(quietFrom: 1_320, quietUntil: 390)

  @Test(arguments: [
    (1_320, 510), (1_439, 391), (0, 390), (389, 1), (390, 0), (1_319, 0), (720, 0),
  ])
  func quietHoursLastOverMidnight(minute: Int, left: Int) {
    #expect(night.quietMinutes(atUTCMinute: minute) == left)
  }

  @Test func quietHoursAreOfTheOwnClock() {
    var east = night
    east.utcOffset = 180
    #expect(east.quietMinutes(atUTCMinute: 1_140) == 510)
    var west = night
    west.utcOffset = -300
    #expect(west.quietMinutes(atUTCMinute: 180) == 510)
    #expect(west.quietMinutes(atUTCMinute: 0) == 0)
  }

  @Test func noneUnlessBothEndsAreSetAndApart() {
    #expect(Preferences().quietMinutes(atUTCMinute: 0) == 0)
    #expect(Preferences(quietFrom: 60).quietMinutes(atUTCMinute: 60) == 0)
    #expect(Preferences(quietFrom: 60, quietUntil: 60).quietMinutes(atUTCMinute: 60) == 0)
  }
}
