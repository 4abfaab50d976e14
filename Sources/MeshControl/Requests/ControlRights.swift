/// What a client of the control socket may do.
///
/// The mode of the socket says who may connect: its owner and its group. Who may change something is told by who asks: root and
/// the user that the daemon runs as. Everybody else who may connect can look, and use the mesh for data.
package enum ControlRights: Sendable {
    /// Look, and exchange application data.
    case use
    /// Everything.
    case change
}
