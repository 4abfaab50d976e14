/// A descriptor with more than one owner, or one that an optional, a tuple or a closure holds; closed when the last lets go.
public final class SharedDescriptor {
    /// The descriptor.
    public let descriptor: FileDescriptor

    /// Takes over a descriptor.
    public init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}
