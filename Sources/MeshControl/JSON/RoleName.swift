package import RadioPort

/// How lines name the ends of a link.
package enum RoleName: String, CaseIterable {
    case central, peripheral

    /// The end that is named.
    package var role: LinkRole { self == .central ? .central : .peripheral }

    /// The name of an end.
    package init(_ role: LinkRole) { self = role == .central ? .central : .peripheral }
}
