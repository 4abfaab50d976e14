-- The mesh layer of FruityMesh and Thicket for Wireshark: JOIN_ME in advertisements, and what links carry.
--
--   tshark -X lua_script:Simulator/Wireshark/thicket.lua -r air.pcapng
--
-- For Wireshark, copy the file into its folder for personal Lua plug-ins (Help, About, Folders).
-- Filters: thicket.join_me, thicket.type == 23, thicket.sender == 7, thicket.cluster == 0x00070003.

local mesh = Proto("thicket", "Thicket mesh")

local types = {
    [16] = "SPLIT", [17] = "SPLIT_END", [20] = "CLUSTER_WELCOME", [21] = "CLUSTER_ACK_1", [22] = "CLUSTER_ACK_2",
    [23] = "CLUSTER_INFO_UPDATE", [24] = "RECONNECT", [25] = "ENCRYPT_CUSTOM_START", [26] = "ENCRYPT_CUSTOM_ANONCE",
    [27] = "ENCRYPT_CUSTOM_SNONCE", [28] = "ENCRYPT_CUSTOM_DONE", [30] = "UPDATE_TIMESTAMP",
    [31] = "UPDATE_CONNECTION_INTERVAL", [32] = "ASSET_LEGACY", [33] = "CAPABILITY", [34] = "ASSET_GENERIC",
    [40] = "GRAFT_HELLO", [41] = "GRAFT_CONCEDE", [42] = "GRAFT_UPDATE", [43] = "GRAFT_ROLE", [44] = "GRAFT_REQUEST",
    [45] = "GRAFT_KNOCK", [46] = "GRAFT_RECONNECT", [50] = "MODULE_CONFIG", [51] = "MODULE_TRIGGER_ACTION",
    [52] = "MODULE_ACTION_RESPONSE", [53] = "MODULE_GENERAL", [54] = "MODULE_RAW_DATA", [55] = "MODULE_RAW_DATA_LIGHT",
    [58] = "COMPONENT_ACT", [59] = "COMPONENT_SENSE", [60] = "TIME_SYNC", [61] = "DEAD_DATA", [80] = "DATA_1",
    [81] = "DATA_1_VITAL", [83] = "CLC_DATA",
}

local fields = {
    network = ProtoField.uint16("thicket.network", "Network"),
    advertisement = ProtoField.uint8("thicket.advertisement", "Advertisement", base.DEC, { [1] = "JOIN_ME" }),
    join_me = ProtoField.none("thicket.join_me", "JOIN_ME"),
    sender = ProtoField.uint16("thicket.sender", "Sender"),
    receiver = ProtoField.uint16("thicket.receiver", "Receiver"),
    cluster = ProtoField.uint32("thicket.cluster", "Cluster", base.HEX),
    cluster_size = ProtoField.int16("thicket.cluster_size", "Cluster size"),
    free_in = ProtoField.uint8("thicket.free_in", "Free in", base.DEC, nil, 0x07),
    free_out = ProtoField.uint8("thicket.free_out", "Free out", base.DEC, nil, 0xF8),
    battery = ProtoField.uint8("thicket.battery", "Battery (dV)"),
    tx_power = ProtoField.int8("thicket.tx_power", "Transmit power (dBm)"),
    device_type = ProtoField.uint8("thicket.device_type", "Device type"),
    hops_to_sink = ProtoField.int16("thicket.hops_to_sink", "Hops to sink"),
    handle = ProtoField.uint16("thicket.mesh_handle", "Mesh write handle", base.HEX),
    ack = ProtoField.uint32("thicket.ack", "Ack field", base.HEX),
    type = ProtoField.uint8("thicket.type", "Type", base.DEC, types),
    counter = ProtoField.uint8("thicket.counter", "Fragment"),
    module = ProtoField.uint8("thicket.module", "Module"),
    request = ProtoField.uint8("thicket.request_handle", "Request handle"),
    action = ProtoField.uint8("thicket.action", "Action"),
    payload = ProtoField.bytes("thicket.payload", "Payload"),
}
for _, field in pairs(fields) do table.insert(mesh.fields, field) end

-- What follows the company identifier 0x024D in a manufacturer specific AD structure.
local function advertisement(buffer, pinfo, tree)
    if buffer:len() < 4 or buffer(0, 1):uint() ~= 0xF0 then return 0 end
    local part = tree:add(mesh, buffer())
    part:add_le(fields.network, buffer(1, 2))
    part:add(fields.advertisement, buffer(3, 1))
    if buffer(3, 1):uint() ~= 1 or buffer:len() < 24 then
        part:add(fields.payload, buffer(4))
        return buffer:len()
    end
    part:add(fields.join_me, buffer(3, 21))
    part:add_le(fields.sender, buffer(4, 2))
    part:add_le(fields.cluster, buffer(6, 4))
    part:add_le(fields.cluster_size, buffer(10, 2))
    part:add(fields.free_in, buffer(12, 1))
    part:add(fields.free_out, buffer(12, 1))
    part:add(fields.battery, buffer(13, 1))
    part:add(fields.tx_power, buffer(14, 1))
    part:add(fields.device_type, buffer(15, 1))
    part:add_le(fields.hops_to_sink, buffer(16, 2))
    part:add_le(fields.handle, buffer(18, 2))
    part:add_le(fields.ack, buffer(20, 4))
    pinfo.cols.info = string.format(
        "JOIN_ME from %d, cluster %08x of %d", buffer(4, 2):le_uint(), buffer(6, 4):le_uint(), buffer(10, 2):le_int())
    return buffer:len()
end

-- The value that is written to the mesh characteristic: a message, or a fragment of one.
local function message(buffer, pinfo, tree)
    if buffer:len() < 1 then return 0 end
    local kind = buffer(0, 1):uint()
    local name = types[kind] or ("type " .. kind)
    local part = tree:add(mesh, buffer())
    part:add(fields.type, buffer(0, 1))
    if kind == 16 or kind == 17 then
        if buffer:len() > 1 then part:add(fields.counter, buffer(1, 1)) end
        if buffer:len() > 2 then part:add(fields.payload, buffer(2)) end
        pinfo.cols.info = name
        return buffer:len()
    end
    if buffer:len() < 5 then return buffer:len() end
    part:add_le(fields.sender, buffer(1, 2))
    part:add_le(fields.receiver, buffer(3, 2))
    pinfo.cols.info = string.format("%s %d -> %d", name, buffer(1, 2):le_uint(), buffer(3, 2):le_uint())
    local rest = 5
    if kind >= 50 and kind <= 53 and buffer:len() >= 8 then
        part:add(fields.module, buffer(5, 1))
        part:add(fields.request, buffer(6, 1))
        part:add(fields.action, buffer(7, 1))
        rest = 8
    elseif (kind == 20 or kind == 23) and buffer:len() >= 9 then
        part:add_le(fields.cluster, buffer(5, 4))
        rest = 9
    end
    if buffer:len() > rest then part:add(fields.payload, buffer(rest)) end
    return buffer:len()
end

local company = Proto("thicket_advertisement", "Thicket mesh advertisement")
function company.dissector(buffer, pinfo, tree) return advertisement(buffer, pinfo, tree) end
function mesh.dissector(buffer, pinfo, tree) return message(buffer, pinfo, tree) end

-- The mesh characteristic of a simulated node; elsewhere JOIN_ME tells the handle: set it in the preferences.
mesh.prefs.handle = Pref.uint("Mesh value handle", 0x000E, "ATT handle of the mesh characteristic")
local registered
local function register()
    local handles = DissectorTable.get("btatt.handle")
    if registered then handles:remove(registered, mesh) end
    registered = mesh.prefs.handle
    handles:add(registered, mesh)
end
function mesh.prefs_changed() register() end
register()
DissectorTable.get("btcommon.eir_ad.manufacturer_company_id"):add(0x024D, company)
