/// The version of this program.
public enum Version {
    /// As `thicketd --version` prints it.
    public static let text = "0.1.0"
}
