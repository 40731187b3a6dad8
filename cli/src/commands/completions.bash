_pacto_complete() {
    local IFS=$'\013' rest=$COMP_LINE words=() last=-1 i piece trimmed reply
    # Bash splits words at the characters of COMP_WORDBREAKS; pieces without a blank between are one word.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        trimmed=${rest#"${rest%%[![:space:]]*}"}
        if ((i == 0)) || [[ -z $piece || ${#trimmed} -lt ${#rest} ]]; then
            last=$((last + 1))
            words[last]=""
        fi
        rest=${trimmed#"$piece"}
        # The last piece counts up to the cursor; where that stands behind a break, $2 is empty.
        if ((i == COMP_CWORD)) && [[ -n $2 || $piece == *[!"$COMP_WORDBREAKS"]* ]]; then
            piece=$2
        fi
        words[last]+=$piece
    done
    # Readline replaces only what stands behind the last break.
    local prefix=${words[last]%"$2"}
    local space=true
    if compopt +o nospace 2> /dev/null; then
        space=false
    fi
    COMPREPLY=( $( \
        _CLAP_IFS="$IFS" \
        _CLAP_COMPLETE_INDEX="$last" \
        _CLAP_COMPLETE_COMP_TYPE="$COMP_TYPE" \
        _CLAP_COMPLETE_SPACE="$space" \
        PACTO_COMPLETE="bash" \
        "pacto" -- "${words[@]}" \
    ) )
    if [[ $? != 0 ]]; then
        unset COMPREPLY
        return
    fi
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]=${COMPREPLY[i]#"$prefix"}
    done
    reply=${COMPREPLY-}
    if [[ $space == false && $reply == *[=/:] ]]; then
        compopt -o nospace
    fi
}
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o nospace -o bashdefault -o nosort -F _pacto_complete pacto
else
    complete -o nospace -o bashdefault -F _pacto_complete pacto
fi
