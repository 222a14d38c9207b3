// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IVRFCoordinatorV2Plus} from "@chainlink/contracts/src/v0.8/vrf/dev/interfaces/IVRFCoordinatorV2Plus.sol";
import {VRFV2PlusClient} from "@chainlink/contracts/src/v0.8/vrf/dev/libraries/VRFV2PlusClient.sol";
import {IERC3009} from "./interfaces/IERC3009.sol";
import {IPay402Win} from "./interfaces/IPay402Win.sol";

/// @title Pay402Win: pick a number from 1 to 402, a verifiable random word draws it, the prize pays itself out.
/// @notice Many pools, each with one round open or drawing. Nobody can pause, reroute or override anything: there is no
/// owner, no upgrade, and a pool's configuration never changes. Specified for the EVM after Pay402Win's public documentation.
/// @dev Accounts in its own ledger (`liabilities`), never by its balance. Randomness comes from a coordinator that is fixed
/// for good, which is why Chainlink's consumer base, whose owner may replace it, is not inherited.
contract Pay402Win is IPay402Win, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    uint16 public constant NUMBERS = 402;
    uint16 public constant MAX_FEE_BPS = 1000;
    uint256 public constant MAX_ENTRIES_PER_TX = 100;
    /// @notice Gas given to a push of native coin, and of a token.
    uint256 public constant NATIVE_PUSH_GAS = 50_000;
    uint256 public constant TOKEN_PUSH_GAS = 100_000;
    /// @notice How many winners the draw itself pays; the rest wait for `settleRound`.
    uint256 public constant AUTO_SETTLE = 12;
    /// @dev Kept back from the settling self-call, so that the next round always opens.
    uint256 private constant OPEN_GAS = 300_000;
    /// @dev What a call itself costs on top of the gas it hands over.
    uint256 private constant CALL_GAS = 15_000;
    uint256 private constant BPS = 10_000;
    bytes32 public constant ENTRY_TYPEHASH = keccak256(
        "Entry(uint256 chainId,address game,uint256 poolId,uint256 roundId,address player,uint16[] numbers,bytes32 salt)"
    );

    IVRFCoordinatorV2Plus public immutable coordinator;
    uint256 public immutable subscriptionId;
    bytes32 public immutable keyHash;
    uint32 public immutable callbackGasLimit;
    uint16 public immutable requestConfirmations;
    /// @notice May create pools, and nothing else.
    address public immutable creator;

    /// @notice What the contract owes in a token: open pools and fees, unpaid prizes and refunds, credits.
    mapping(address token => uint256) public liabilities;
    mapping(address account => mapping(address token => uint256)) public credits;
    uint256 public poolCount;
    uint256 public entryCount;

    mapping(uint256 poolId => Pool) private _pools;
    mapping(uint256 poolId => mapping(uint256 roundId => Round)) private _rounds;
    mapping(uint256 entryId => Entry) private _entries;
    mapping(uint256 poolId => mapping(uint256 roundId => uint64[])) private _entryIds;
    mapping(uint256 poolId => mapping(uint256 roundId => mapping(uint16 number => uint64[]))) private _holders;
    mapping(uint256 requestId => Draw) private _draws;

    struct Draw {
        uint128 poolId;
        uint128 roundId;
    }

    constructor(
        address coordinator_,
        uint256 subscriptionId_,
        bytes32 keyHash_,
        uint32 callbackGasLimit_,
        uint16 requestConfirmations_,
        address creator_
    ) {
        if (coordinator_ == address(0)) revert ZeroAddress("coordinator");
        if (creator_ == address(0)) revert ZeroAddress("creator");
        coordinator = IVRFCoordinatorV2Plus(coordinator_);
        subscriptionId = subscriptionId_;
        keyHash = keyHash_;
        callbackGasLimit = callbackGasLimit_;
        requestConfirmations = requestConfirmations_;
        creator = creator_;
    }

    // Pools

    /// @inheritdoc IPay402Win
    function createPool(PoolConfig calldata config) external returns (uint256 poolId) {
        if (msg.sender != creator) revert NotCreator(msg.sender);
        if (config.entryFee == 0) revert InvalidPool("entryFee", 0);
        if (config.feeBps > MAX_FEE_BPS) revert InvalidPool("feeBps", config.feeBps);
        if (config.feeRecipient == address(0)) revert InvalidPool("feeRecipient", 0);
        if (config.roundDuration == 0) revert InvalidPool("roundDuration", 0);
        if (config.maxEntries == 0) revert InvalidPool("maxEntries", 0);
        if (config.minEntries > config.maxEntries) revert InvalidPool("minEntries", config.minEntries);
        if (config.drawTimeout == 0) revert InvalidPool("drawTimeout", 0);

        poolId = ++poolCount;
        Pool storage pool = _pools[poolId];
        pool.config = config;
        pool.tokenDecimals = config.token == address(0) ? 18 : IERC20Metadata(config.token).decimals();
        emit PoolCreated(
            poolId,
            config.token,
            msg.sender,
            config.entryFee,
            config.feeBps,
            config.feeRecipient,
            pool.tokenDecimals,
            config.roundDuration,
            config.minEntries,
            config.maxEntries,
            config.drawTimeout,
            config.name
        );
        _openRound(poolId, 0);
    }

    // Entering

    /// @inheritdoc IPay402Win
    function enter(uint256 poolId, uint16[] calldata numbers, address player) external payable nonReentrant {
        PoolConfig storage config = _config(poolId);
        if (config.token != address(0)) revert WrongPaymentMethod(poolId, config.token);
        uint256 roundId = _pools[poolId].currentRoundId;
        uint256 amount = _admit(poolId, roundId, player, numbers.length);
        if (msg.value != amount) revert WrongAmount(amount, msg.value);
        _place(Placing(poolId, roundId, player, msg.sender, PaymentMethod.NATIVE, 0), numbers);
    }

    /// @inheritdoc IPay402Win
    function enterWithToken(uint256 poolId, uint16[] calldata numbers, address player, bytes32 paymentRef)
        external
        nonReentrant
    {
        IERC20 token = IERC20(_tokenOf(poolId));
        uint256 roundId = _pools[poolId].currentRoundId;
        uint256 amount = _admit(poolId, roundId, player, numbers.length);
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        _checkReceived(token, before, amount);
        PaymentMethod method = paymentRef == 0 ? PaymentMethod.ERC20 : PaymentMethod.X402_GATEWAY;
        _place(Placing(poolId, roundId, player, msg.sender, method, paymentRef), numbers);
    }

    /// @inheritdoc IPay402Win
    function enterWithAuthorization(
        uint256 poolId,
        uint256 roundId,
        address payer,
        address player,
        uint16[] calldata numbers,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 salt,
        bytes calldata signature
    ) external nonReentrant {
        address token = _tokenOf(poolId);
        uint256 amount = _admit(poolId, roundId, player, numbers.length);
        Placing memory placing = Placing(
            poolId, roundId, player, payer, PaymentMethod.X402_DIRECT, entryNonce(poolId, roundId, player, numbers, salt)
        );
        _receive(placing, token, amount, validAfter, validBefore, signature);
        uint256 firstEntryId = entryCount + 1;
        _place(placing, numbers);
        emit X402PaymentSettled(
            poolId,
            payer,
            placing.paymentRef,
            roundId,
            player,
            token,
            msg.sender,
            amount,
            firstEntryId,
            numbers.length
        );
    }

    /// @inheritdoc IPay402Win
    function entryNonce(uint256 poolId, uint256 roundId, address player, uint16[] calldata numbers, bytes32 salt)
        public
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                ENTRY_TYPEHASH,
                block.chainid,
                address(this),
                poolId,
                roundId,
                player,
                keccak256(abi.encodePacked(numbers)),
                salt
            )
        );
    }

    struct Placing {
        uint256 poolId;
        uint256 roundId;
        address player;
        address payer;
        PaymentMethod method;
        bytes32 paymentRef;
    }

    /// @dev `receiveWithAuthorization` only pays the caller, so nobody can submit the authorisation without the entry.
    function _receive(
        Placing memory placing,
        address token,
        uint256 amount,
        uint256 validAfter,
        uint256 validBefore,
        bytes calldata signature
    ) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC3009(token).receiveWithAuthorization(
            placing.payer, address(this), amount, validAfter, validBefore, placing.paymentRef, signature
        );
        _checkReceived(IERC20(token), before, amount);
    }

    /// @dev Whether a round takes so many entries now, and what they cost. While money comes in afterwards the lock keeps the
    /// round as it is: the callback, which is not behind it, only touches rounds that are being drawn.
    function _admit(uint256 poolId, uint256 roundId, address player, uint256 count) private view returns (uint256) {
        Round storage round = _rounds[poolId][roundId];
        PoolConfig storage config = _pools[poolId].config;
        if (player == address(0)) revert ZeroAddress("player");
        if (count == 0 || count > MAX_ENTRIES_PER_TX) revert InvalidEntryCount(count);
        if (round.status != Status.OPEN || block.timestamp >= round.closesAt) {
            revert RoundNotOpen(poolId, roundId, round.status, round.closesAt);
        }
        if (round.entryCount + count > config.maxEntries) {
            revert RoundFull(poolId, roundId, round.entryCount, config.maxEntries);
        }
        return config.entryFee * count;
    }

    function _place(Placing memory placing, uint16[] calldata numbers) private {
        Round storage round = _rounds[placing.poolId][placing.roundId];
        PoolConfig storage config = _pools[placing.poolId].config;
        uint256 amount = config.entryFee;
        uint256 feeAmount = (amount * config.feeBps) / BPS;
        uint256 entryId = entryCount;
        uint64[] storage entryIds = _entryIds[placing.poolId][placing.roundId];
        for (uint256 i = 0; i < numbers.length; ++i) {
            uint16 number = numbers[i];
            if (number == 0 || number > NUMBERS) revert InvalidNumber(number);
            ++entryId;
            _entries[entryId] = Entry(placing.player, number, uint40(placing.poolId), uint40(placing.roundId));
            entryIds.push(uint64(entryId));
            _holders[placing.poolId][placing.roundId][number].push(uint64(entryId));
            emit EntryPlaced(
                placing.poolId,
                placing.roundId,
                placing.player,
                entryId,
                number,
                placing.payer,
                amount,
                feeAmount,
                uint8(placing.method),
                placing.paymentRef
            );
        }
        entryCount = entryId;
        round.entryCount += uint64(numbers.length);
        round.feeAccrued += feeAmount * numbers.length;
        round.prizePool += (amount - feeAmount) * numbers.length;
        liabilities[config.token] += amount * numbers.length;
        emit PrizePoolUpdated(placing.poolId, placing.roundId, round.prizePool, round.entryCount, 0);
    }

    function _checkReceived(IERC20 token, uint256 before, uint256 amount) private view {
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert WrongAmount(amount, received);
    }

    // Closing and drawing

    /// @inheritdoc IPay402Win
    function closeRound(uint256 poolId) external nonReentrant {
        PoolConfig storage config = _config(poolId);
        uint256 roundId = _pools[poolId].currentRoundId;
        Round storage round = _rounds[poolId][roundId];
        bool isDue = block.timestamp >= round.closesAt || round.entryCount >= config.maxEntries;
        if (round.status != Status.OPEN || !isDue) {
            revert RoundNotClosable(poolId, roundId, round.status, round.closesAt);
        }

        if (round.entryCount == 0) return _cancel(poolId, roundId, CancelReason.NO_ENTRIES);
        if (!_hasEnough(round, config)) return _cancel(poolId, roundId, CancelReason.BELOW_MINIMUM);

        _close(poolId, roundId);
        uint256 requestId = coordinator.requestRandomWords(
            VRFV2PlusClient.RandomWordsRequest({
                keyHash: keyHash,
                subId: subscriptionId,
                requestConfirmations: requestConfirmations,
                callbackGasLimit: callbackGasLimit,
                numWords: 1,
                extraArgs: VRFV2PlusClient._argsToBytes(VRFV2PlusClient.ExtraArgsV1({nativePayment: true}))
            })
        );
        round.requestId = requestId;
        _draws[requestId] = Draw(uint128(poolId), uint128(roundId));
        emit RandomnessRequested(poolId, roundId, requestId, address(coordinator), keyHash, requestConfirmations);
    }

    function _close(uint256 poolId, uint256 roundId) private {
        Round storage round = _rounds[poolId][roundId];
        round.status = Status.DRAWING;
        round.closedAt = uint64(block.timestamp);
        emit RoundClosed(poolId, roundId, round.entryCount, round.prizePool, round.feeAccrued, msg.sender);
    }

    function _hasEnough(Round storage round, PoolConfig storage config) private view returns (bool) {
        return round.entryCount != 0 && round.entryCount >= config.minEntries;
    }

    /// @notice The coordinator's callback. It delivers once, so nothing here may revert: a request that is no longer waited
    /// for is ignored, and payments that fail leave the round DRAWN.
    /// @dev Deliberately not behind the reentrancy lock: whoever holds the lock (a claim that hands over control) could
    /// otherwise make the one delivery fail. All state is written before control leaves, and pushes carry too little gas
    /// to come back here.
    function rawFulfillRandomWords(uint256 requestId, uint256[] calldata randomWords) external {
        if (msg.sender != address(coordinator)) revert NotCoordinator(msg.sender);
        Draw memory draw = _draws[requestId];
        Round storage round = _rounds[draw.poolId][draw.roundId];
        if (round.requestId != requestId || round.status != Status.DRAWING || randomWords.length == 0) return;
        _draw(draw.poolId, draw.roundId, randomWords[0]);
    }

    function _draw(uint256 poolId, uint256 roundId, uint256 randomWord) private {
        Round storage round = _rounds[poolId][roundId];
        uint16 number = uint16((randomWord % NUMBERS) + 1);
        uint256 winners = _holders[poolId][roundId][number].length;
        uint256 prizePerEntry = winners == 0 ? 0 : round.prizePool / winners;
        uint256 carryOut = round.prizePool - prizePerEntry * winners;

        round.status = Status.DRAWN;
        round.randomWord = randomWord;
        round.winningNumber = number;
        round.winningEntryCount = uint64(winners);
        round.prizePerEntry = prizePerEntry;
        round.carryOut = carryOut;
        emit RandomnessFulfilled(poolId, roundId, round.requestId, randomWord, number);
        emit RoundDrawn(poolId, roundId, number, winners, round.prizePool, prizePerEntry, carryOut);

        PoolConfig storage config = _config(poolId);
        if (round.feeAccrued != 0) {
            bool delivered = _payFee(config.token, config.feeRecipient, round.feeAccrued);
            emit ProtocolFeeCollected(poolId, roundId, config.feeRecipient, round.feeAccrued, delivered);
        }
        if (winners == 0) _finalize(poolId, roundId, Outcome.ROLLED_OVER);
        else _trySettle(poolId, roundId);
        if (carryOut != 0) {
            emit PrizeCarried(
                poolId, roundId, roundId + 1, carryOut, uint8(winners == 0 ? CarryReason.NO_WINNER : CarryReason.DUST)
            );
        }
        _openRound(poolId, carryOut);
    }

    /// @dev A self-call, so that running out of gas undoes the payments alone. Whoever comes later settles the rest.
    function _trySettle(uint256 poolId, uint256 roundId) private {
        uint256 available = gasleft();
        if (available <= OPEN_GAS) return;
        try this.settleFromDraw{gas: available - OPEN_GAS}(poolId, roundId) {} catch {}
    }

    /// @notice The draw's call to itself; for nobody else.
    function settleFromDraw(uint256 poolId, uint256 roundId) external nonReentrant {
        if (msg.sender != address(this)) revert NotSelf(msg.sender);
        _settle(poolId, roundId, AUTO_SETTLE);
    }

    /// @inheritdoc IPay402Win
    function settleRound(uint256 poolId, uint256 roundId, uint256 max) external nonReentrant {
        Status status = _rounds[poolId][roundId].status;
        if (status != Status.DRAWN) revert NothingToSettle(poolId, roundId, status);
        if (max == 0) revert InvalidMaximum(max);
        _settle(poolId, roundId, max);
    }

    function _settle(uint256 poolId, uint256 roundId, uint256 max) private {
        Round storage round = _rounds[poolId][roundId];
        uint64[] storage winners = _holders[poolId][roundId][round.winningNumber];
        address token = _config(poolId).token;
        uint256 prize = round.prizePerEntry;
        uint256 from = round.settledCount;
        uint256 to = max < winners.length - from ? from + max : winners.length;
        for (uint256 i = from; i < to; ++i) {
            uint256 entryId = winners[i];
            address winner = _entries[entryId].player;
            round.settledCount = uint64(i + 1);
            bool delivered = _pay(token, winner, prize);
            emit PrizePaid(poolId, roundId, winner, entryId, prize, delivered);
        }
        if (to == winners.length) _finalize(poolId, roundId, Outcome.SETTLED);
    }

    // Cancelling

    /// @inheritdoc IPay402Win
    function cancelExpired(uint256 poolId) external nonReentrant {
        uint256 roundId = _pools[poolId].currentRoundId;
        Round storage round = _rounds[poolId][roundId];
        PoolConfig storage config = _config(poolId);
        bool isStuck = round.status == Status.OPEN && _hasEnough(round, config);
        uint256 expiresAt = (isStuck ? round.closesAt : round.closedAt) + config.drawTimeout;
        if ((round.status != Status.DRAWING && !isStuck) || block.timestamp < expiresAt) {
            revert RoundNotExpired(poolId, roundId, round.status, expiresAt);
        }
        if (isStuck) _close(poolId, roundId);
        _cancel(poolId, roundId, CancelReason.DRAW_TIMEOUT);
    }

    function _cancel(uint256 poolId, uint256 roundId, CancelReason reason) private {
        Round storage round = _rounds[poolId][roundId];
        uint256 carry = round.carryIn;
        round.status = Status.CANCELLED;
        round.carryOut = carry;
        emit RoundCancelled(
            poolId, roundId, uint8(reason), round.entryCount, round.entryCount * _config(poolId).entryFee
        );
        if (carry != 0) emit PrizeCarried(poolId, roundId, roundId + 1, carry, uint8(CarryReason.CANCELLED));
        if (round.entryCount == 0) _finalize(poolId, roundId, Outcome.CANCELLED);
        _openRound(poolId, carry);
    }

    /// @inheritdoc IPay402Win
    function processRefunds(uint256 poolId, uint256 roundId, uint256 max) external nonReentrant {
        Round storage round = _rounds[poolId][roundId];
        if (round.status != Status.CANCELLED || round.isFinal) {
            revert NothingToRefund(poolId, roundId, round.status);
        }
        if (max == 0) revert InvalidMaximum(max);
        uint64[] storage entryIds = _entryIds[poolId][roundId];
        PoolConfig storage config = _config(poolId);
        uint256 amount = config.entryFee;
        uint256 from = round.settledCount;
        uint256 to = max < entryIds.length - from ? from + max : entryIds.length;
        for (uint256 i = from; i < to; ++i) {
            uint256 entryId = entryIds[i];
            address recipient = _entries[entryId].player;
            round.settledCount = uint64(i + 1);
            bool delivered = _pay(config.token, recipient, amount);
            emit EntryRefunded(poolId, roundId, recipient, entryId, amount, delivered);
        }
        if (to == entryIds.length) _finalize(poolId, roundId, Outcome.CANCELLED);
    }

    // Money out

    /// @inheritdoc IPay402Win
    function claimCredit(address token, address to) external nonReentrant {
        if (to == address(0)) revert ZeroAddress("to");
        uint256 amount = credits[msg.sender][token];
        if (amount == 0) revert NoCredit(msg.sender, token);
        credits[msg.sender][token] = 0;
        liabilities[token] -= amount;
        emit CreditClaimed(msg.sender, token, to, amount);
        if (token != address(0)) return IERC20(token).safeTransfer(to, amount);
        (bool isSent,) = to.call{value: amount}("");
        if (!isSent) revert ClaimFailed(to, amount);
    }

    /// @dev Pushes with bounded gas; what cannot be delivered becomes a credit. Reverts only when the caller left too little
    /// gas for a fair try, so that nobody can turn a prize into a credit by starving it.
    function _pay(address token, address to, uint256 amount) private returns (bool) {
        (uint256 available, uint256 needed) = _pushGas(token);
        if (available < needed) revert OutOfGas(available, needed);
        return _push(token, to, amount);
    }

    /// @dev Within the callback, which may not revert: too little gas for a try makes the fee a credit.
    function _payFee(address token, address to, uint256 amount) private returns (bool) {
        (uint256 available, uint256 needed) = _pushGas(token);
        if (available >= needed) return _push(token, to, amount);
        credits[to][token] += amount;
        return false;
    }

    function _pushGas(address token) private view returns (uint256 available, uint256 needed) {
        available = (gasleft() * 63) / 64;
        needed = (token == address(0) ? NATIVE_PUSH_GAS : TOKEN_PUSH_GAS) + CALL_GAS;
    }

    function _push(address token, address to, uint256 amount) private returns (bool delivered) {
        delivered = token == address(0) ? _pushNative(to, amount) : _pushToken(token, to, amount);
        if (delivered) liabilities[token] -= amount;
        else credits[to][token] += amount;
    }

    /// @dev In assembly, because Solidity would copy whatever the recipient returns, at our cost.
    function _pushNative(address to, uint256 amount) private returns (bool isSent) {
        assembly ("memory-safe") {
            isSent := call(NATIVE_PUSH_GAS, to, amount, 0, 0, 0, 0)
        }
    }

    /// @dev Sent when the call succeeds and returns nothing or true, from an address that has code.
    function _pushToken(address token, address to, uint256 amount) private returns (bool isSent) {
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        assembly ("memory-safe") {
            mstore(0, 0)
            isSent := call(TOKEN_PUSH_GAS, token, 0, add(data, 32), mload(data), 0, 32)
            switch returndatasize()
            case 0 { isSent := and(isSent, gt(extcodesize(token), 0)) }
            default { isSent := and(isSent, and(gt(returndatasize(), 31), eq(mload(0), 1))) }
        }
    }

    // Rounds

    function _openRound(uint256 poolId, uint256 carryIn) private {
        Pool storage pool = _pools[poolId];
        uint256 roundId = ++pool.currentRoundId;
        uint64 opensAt = uint64(block.timestamp);
        uint64 closesAt = opensAt + pool.config.roundDuration;
        Round storage round = _rounds[poolId][roundId];
        round.status = Status.OPEN;
        round.opensAt = opensAt;
        round.closesAt = closesAt;
        if (carryIn != 0) {
            round.carryIn = carryIn;
            round.prizePool = carryIn;
        }
        emit RoundOpened(poolId, roundId, opensAt, closesAt, carryIn);
    }

    function _finalize(uint256 poolId, uint256 roundId, Outcome outcome) private {
        Round storage round = _rounds[poolId][roundId];
        round.isFinal = true;
        uint256 prizes = 0;
        uint256 refunds = 0;
        uint256 fee = round.feeAccrued;
        if (outcome == Outcome.SETTLED) {
            round.status = Status.SETTLED;
            prizes = round.prizePerEntry * round.winningEntryCount;
        } else if (outcome == Outcome.ROLLED_OVER) {
            round.status = Status.ROLLED_OVER;
        } else {
            refunds = round.entryCount * _config(poolId).entryFee;
            fee = 0;
        }
        emit RoundFinalized(poolId, roundId, uint8(outcome), prizes, refunds, fee, round.carryOut);
    }

    // Reading

    function pools(uint256 poolId) external view returns (Pool memory) {
        return _pools[poolId];
    }

    function rounds(uint256 poolId, uint256 roundId) external view returns (Round memory) {
        return _rounds[poolId][roundId];
    }

    function entries(uint256 entryId) external view returns (Entry memory) {
        return _entries[entryId];
    }

    /// @notice How many entries of a round are on a number.
    function entriesOn(uint256 poolId, uint256 roundId, uint16 number) external view returns (uint256) {
        return _holders[poolId][roundId][number].length;
    }

    /// @dev The token of a pool that is not in native coin.
    function _tokenOf(uint256 poolId) private view returns (address token) {
        token = _config(poolId).token;
        if (token == address(0)) revert WrongPaymentMethod(poolId, token);
    }

    function _config(uint256 poolId) private view returns (PoolConfig storage config) {
        config = _pools[poolId].config;
        if (config.entryFee == 0) revert UnknownPool(poolId);
    }
}
