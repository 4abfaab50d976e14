import Glibc
import Synchronization

/// Ctrl-C, turned into a question that a long command asks now and then.
enum Interrupt {
    private static let flag = Atomic<Bool>(false)

    /// Whether Ctrl-C was pressed since ``watch()``.
    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    /// From now on the first Ctrl-C is noted, and the second one ends the program at once.
    static func watch() {
        // Makes sure that the flag exists before a signal can come.
        flag.store(false, ordering: .relaxed)
        signal(SIGINT) { _ in
            if Interrupt.flag.exchange(true, ordering: .relaxed) { _exit(130) }
        }
        // Whoever started the program may have blocked it.
        var interrupt = sigset_t()
        sigemptyset(&interrupt)
        sigaddset(&interrupt, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
    }
}
