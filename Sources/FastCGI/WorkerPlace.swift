import Dispatch
import Glibc
import Synchronization

/// A worker's place among those that look for requests.
///
/// It is kept from one request to the next, so that it costs nothing where nobody waits for anything.
final class WorkerPlace: Sendable {
  private let places: DispatchSemaphore
  private let isTaken = Atomic<Bool>(false)

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let result = pthread_key_create(&key, nil)
    precondition(result == 0, "pthread_key_create: \(result)")
    return key
  }()

  init(_ places: DispatchSemaphore) { self.places = places }

  /// Makes it the one of the calling thread, which has to keep it alive.
  func belongsToThisThread() {
    pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
  }

  /// The calling thread's; `nil` for threads that are no workers.
  static var ofThisThread: WorkerPlace? {
    pthread_getspecific(key).map { Unmanaged<WorkerPlace>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Waits for a place, unless the worker has one.
  func take() {
    if isTaken.load(ordering: .relaxed) { return }
    places.wait()
    isTaken.store(true, ordering: .relaxed)
  }

  /// Gives the place to another worker; nothing if that was done.
  func leave() {
    if isTaken.exchange(false, ordering: .relaxed) { places.signal() }
  }
}
